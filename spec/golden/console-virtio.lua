return machine { console { kind = "virtio", log = "boot.log" } }
