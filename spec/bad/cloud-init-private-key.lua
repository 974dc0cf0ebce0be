-- host: { files = { ["/home/dev/vm/id_ed25519"] = "-----BEGIN OPENSSH PRIVATE KEY-----" } }
return machine { cloud_init { keys = "id_ed25519" } }
