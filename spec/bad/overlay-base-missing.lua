return machine { disk { file = "missing-base.qcow2", overlay = true } }
