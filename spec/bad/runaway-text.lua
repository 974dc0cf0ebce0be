local text = ("x"):rep(1 << 40)
return machine { append = text }
