-- fork: { of = "vm", number = 1 }
return machine { console {
  log = "console.log" } }
