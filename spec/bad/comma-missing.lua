return machine {
  memory = "1G"
  cpus = 2,
}
