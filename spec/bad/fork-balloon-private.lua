-- fork: { of = "vm", number = 1, private = true }
return machine { balloon {} }
