local name = ("k"):rep(131000)
return machine { serial { [name] = 1 }, { [name] = 2 }, [name] = 3 }
