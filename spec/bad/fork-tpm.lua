-- fork: { of = "vm", number = 1 }
return machine { tpm {} }
