return machine { disk { file = "top.qcow2", backing = 5 } }
