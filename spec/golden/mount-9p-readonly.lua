return machine {
  name = "web",
  mount { kind = "9p", from = "/a,b", tag = "doc", readonly = true },
}
