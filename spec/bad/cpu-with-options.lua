return machine {
  cpu = "host,pmu=off",
}
