return machine {
  disk {},
}
