return machine {
  nic { forward = { ["8080"] = 80 } },
  nic { forward = { web = { guest = 81, host = 8080 } } },
}
