return machine {
  cpu = { "host", check = "perhaps" },
  cpus = {},
}
