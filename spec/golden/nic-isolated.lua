return machine { nic { isolated = true, forward = { ssh = 22 } } }
