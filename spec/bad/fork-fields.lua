-- fork: { of = "vm", number = 1 }
return machine {
  gdb = 1234,
  firmware = { store = "vars.fd" },
  display = "vnc=:1",
}
