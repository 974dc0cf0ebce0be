-- a comma, a colon and an equals sign in a path
return machine { disk { file = "a,b=c:d.qcow2" }, disk { file = "json:x.raw", readonly = true } }
