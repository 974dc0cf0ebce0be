return machine { disk { file = "/dev/nvme0n1", format = "raw" } }
