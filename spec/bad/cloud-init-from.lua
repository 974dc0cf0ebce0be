return machine {
  cloud_init { via = "serial", from = "ftp://seed;s=x" },
}
