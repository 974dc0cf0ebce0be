return machine {
  credential { name = "ssh.authorized_keys.root", value = "not to be seen" },
  credential { name = "tls.key", file = "server.key" },
}
