return machine {
  mount { from = "a", tag = "work" },
  mount { from = "b", tag = "work" },
}
