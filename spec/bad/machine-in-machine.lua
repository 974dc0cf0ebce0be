return machine {
  machine { cpus = 2 },
}
