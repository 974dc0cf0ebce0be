return machine { credential { name = "c", value = ("x"):rep(8192) },
  credential { name = "d", value = "x" } }
