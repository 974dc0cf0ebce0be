return machine {
  cpus = ,
}
