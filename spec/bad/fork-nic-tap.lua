-- fork: { of = "vm", number = 1, forward = "auto" }
return machine { nic { kind = "tap", ifname = "tap0" } }
