return machine {
  mount { from = "a", to = "/x/", tag = "a" },
  mount { from = "b", to = "/x", tag = "b" },
}
