return machine {
  credential { name = "c", value = "x" },
  credential { name = "c", value = "y" },
}
