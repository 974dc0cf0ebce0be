-- host: { files = { ["/home/dev/vm/mine.qcow2"] = false } }
return machine { disk { file = "base.qcow2", overlay = "mine.qcow2", size = "40G" } }
