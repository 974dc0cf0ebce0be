return machine {
  agent {},
  agent {},
}
