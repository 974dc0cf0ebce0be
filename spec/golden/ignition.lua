-- host: { files = { ["/home/dev/vm/a,b.ign"] = '{"ignition":{"version":"3.4.0"}}' } }
return machine { ignition { file = "a,b.ign" }, disk { file = "coreos.qcow2", overlay = true } }
