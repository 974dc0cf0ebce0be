return machine {
  name = "dev",
  template {
    prepare = "make deps",
    ready = "console: login:",
    keep = 0,
    until_ = "then",
  },
}
