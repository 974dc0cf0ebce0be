local a = 1
return machine "dev"
