return machine {
  name = "web",
  cloud_init { via = "serial", from = "http://10.0.2.2:8000/web", hostname = "www" },
  mount { from = ".", to = "/work" },
  nic {}, agent {},
}
