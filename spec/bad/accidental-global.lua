disks = 3
return machine {}
