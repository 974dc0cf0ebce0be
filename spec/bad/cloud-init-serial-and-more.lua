return machine {
  cloud_init {
    via = "serial", from = "/seed",
    user = "ann",
  },
}
