-- host: { files = { ["/home/dev/vm/b.ign"] = "{}" } }
return machine { ignition { file = "b.ign" } }
