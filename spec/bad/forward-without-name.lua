return machine { nic { forward = { 22 } } }
