-- who writes a serial has taken the ports over: no console is added
return machine { serial { file = "boot.log" }, serial { kind = "socket", socket = "s.sock" } }
