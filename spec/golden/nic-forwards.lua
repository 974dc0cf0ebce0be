return machine {
  nic { forward = { ssh = 22, ["8080"] = 80, dns = { guest = 53, protocol = "udp" },
    web = { guest = 443, host = 8443, address = "0.0.0.0" } }, hostname = "web" },
}
