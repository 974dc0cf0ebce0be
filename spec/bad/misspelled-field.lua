return machine {
  memroy = "1G",
}
