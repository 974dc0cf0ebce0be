local list = {}
list[1] = list
return machine { list }
