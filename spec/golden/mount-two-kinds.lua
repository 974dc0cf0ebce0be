return machine {
  memory = "512M",
  mount { from = "src", to = "/src", cache = "never" },
  mount { kind = "9p", from = "doc", to = "/doc", security = "none" },
}
