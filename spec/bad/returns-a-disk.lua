return disk { file = "a.qcow2" }
