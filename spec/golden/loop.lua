local disks = {}
for i = 1, 3 do disks[i] = disk { file = ("data%d.raw"):format(i), id = "data" .. i } end
return machine { disks }
