-- fork: { of = "vm", number = 1 }
return machine { console {},
  serial { file = "out.log" },
  serial { kind = "socket", socket = "s.sock" } }
