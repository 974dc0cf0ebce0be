-- host: { files = { ["/home/dev/vm/mine.qcow2"] = "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\x14\0\0\0\x09old.qcow2" } }
return machine { disk { file = "new.qcow2", overlay = "mine.qcow2" } }
