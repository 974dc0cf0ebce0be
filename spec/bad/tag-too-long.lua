return machine {
  mount { from = "src", tag = "0123456789012345678901234567890123456" },
  mount { kind = "9p", from = "src", tag = "01234567890123456789012345678901" },
}
