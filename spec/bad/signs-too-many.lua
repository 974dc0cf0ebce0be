local list = {}
for i = 1, 65 do list[i] = "lost " .. i end
return machine { signs = list }
