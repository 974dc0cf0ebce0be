return machine {
  ssh { user = "root" },
}
