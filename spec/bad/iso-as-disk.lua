return machine { disk { file = "debian.iso" } }
