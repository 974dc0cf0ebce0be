return machine {
  paused = true,
  agent {},
}
