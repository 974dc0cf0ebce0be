-- host: { files = { ["/home/dev/vm/cloud.img"] = "QFI\xfb" } }
return machine { disk { file = "cloud.img" } }
