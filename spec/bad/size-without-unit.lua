return machine {
  memory = 4,
}
