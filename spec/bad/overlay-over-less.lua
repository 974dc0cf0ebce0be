-- host: { files = { ["/home/dev/vm/mine.qcow2"] = "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\x14\0\0\0\x08base.raw", ["/home/dev/vm/mine.qcow2.base"] = '{"format":"raw","virtual":2097152,"bytes":2097152}' }, stamps = { ["/home/dev/vm/base.raw"] = { bytes = 1048576 } } }
return machine { disk { file = "base.raw", overlay = "mine.qcow2" } }
