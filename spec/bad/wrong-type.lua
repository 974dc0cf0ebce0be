return machine {
  cpus = "four",
  memory = true,
  mount { from = "src", readonly = "yes" },
}
