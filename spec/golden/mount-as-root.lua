-- host: { uid = 0, user = "root" }
return machine {
  mount { from = "src", to = "/src" },
  mount { from = "dev", devices = true },
  mount { from = "all", devices = true, suid = true },
  mount { from = "doc", suid = true, readonly = true },
  mount { kind = "9p", from = "as-is", security = "passthrough" },
}
