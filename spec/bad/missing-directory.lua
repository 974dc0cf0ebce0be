-- host: { listing = { ["/home/dev"] = { "missing-data", "other" } } }
return machine {
  mount { from = "~/missing-dat" },
}
