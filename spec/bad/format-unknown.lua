return machine { disk { file = "disk.bin" } }
