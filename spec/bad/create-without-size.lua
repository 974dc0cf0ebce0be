return machine { disk { file = "missing.raw", create = true } }
