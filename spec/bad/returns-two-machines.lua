return machine {
  cpus = 2,
}, machine {
  cpus = 4,
}
