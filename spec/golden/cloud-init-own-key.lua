return machine {
  nic {}, ssh { user = "fedora", key = "id_ed25519" },
  disk { file = "fedora.qcow2", overlay = true },
  cloud_init { hostname = "web.example.org", network = "network.yaml" },
}
