return machine { nic { kind = "tap" } }
