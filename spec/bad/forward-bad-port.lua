return machine { nic { forward = { ssh = 70000 } } }
