return machine {
  name = "dev", memory = "1G",
  balloon {},
}
