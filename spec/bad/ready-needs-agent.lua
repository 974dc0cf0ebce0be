return machine {
  ready = "agent",
}
