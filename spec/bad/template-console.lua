return machine {
  name = "dev", defaults = false, memory = "1G",
  agent {},
  template { ready = "console: login:" },
  template {},
}
