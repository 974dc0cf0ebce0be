return machine { mount { kind = "nfs", from = "a" } }
