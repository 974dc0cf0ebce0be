-- host: { files = { ["/home/dev/vm/d.raw"] = "QFI\xfb\0\0\0\3" } }
return machine { disk { file = "d.raw", format = "raw" } }
