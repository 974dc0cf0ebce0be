-- fork: { of = "vm", number = 1, private = true }
return machine {
  mount { from = "src" },
  mount { kind = "9p", from = "doc" },
}
