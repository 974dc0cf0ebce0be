return machine {
  ready = "console: login:", defaults = false,
}
