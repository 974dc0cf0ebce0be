return machine { disk { file = "base.qcow2", overlay = true } }
