return machine {
  credential { name = "a/b", value = "x" },
  credential { value = "x" },
  credential { name = "c", value = 7 },
  credential { name = "d", file = "missing" },
}
