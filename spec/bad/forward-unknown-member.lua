return machine { nic { forward = { ssh = { gest = 22 } } } }
