return machine { disk { file = "a.qcow2", bus = "virtoi" } }
