return load("return machine {}")()
