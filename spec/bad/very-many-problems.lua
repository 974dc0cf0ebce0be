local fields = {}
for i = 1, 312 do fields[("field%03d"):format(i)] = i end
return machine(fields)
