return machine {
  credential { name = "c", value = "x", file = "a.key" },
  credential { name = "d" },
}
