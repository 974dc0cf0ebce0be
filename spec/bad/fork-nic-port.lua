-- fork: { of = "vm", number = 1 }
return machine { nic { forward = { ssh = 22,
  ["8080"] = 80 } } }
