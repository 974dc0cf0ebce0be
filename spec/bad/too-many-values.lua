local list = {}
for _ = 1, 40 do list = { list, list, nic {} } end
return machine { list }
