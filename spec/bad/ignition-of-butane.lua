-- host: { files = { ["/home/dev/vm/a.bu"] = "variant: fcos\nversion: 1.5.0\n" } }
return machine { ignition { file = "a.bu" } }
