return machine {
  cloud_init { user = "debian", password = "not to be seen", packages = { "vim" },
    run = { "echo secret-command" }, files = { ["/etc/token"] = "secret-token" } },
  agent {}, nic {}, ssh {},
  mount { from = ".", to = "/work" },
  disk { file = "debian-12.qcow2", overlay = "missing-dev.qcow2", size = "20G" },
}
