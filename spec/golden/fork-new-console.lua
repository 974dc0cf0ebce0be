-- A log of its own, since none is named.
-- fork: { of = "vm", number = 1, mounts = {} }
return machine { name = "vm-1", console { kind = "virtio" } }
