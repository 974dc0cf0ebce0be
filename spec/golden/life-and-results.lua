return machine {
  life = "10m",
  results = "/out/",
}
