-- host: { files = { ["/home/dev/vm/disk.qcow2"] = "<!doctype html>" } }
return machine { disk { file = "disk.qcow2" } }
