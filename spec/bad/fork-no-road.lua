-- fork: { of = "vm", number = 1, unsafe = false }
return machine { nic {} }
