-- host: { files = { ["/home/dev/vm/mine.qcow2"] =
-- host: "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\x14\0\0\0\x08base.raw",
-- host: ["/home/dev/vm/mine.qcow2.base"] = '{"format":"raw","bytes":1048576,"mtime":1}' },
-- host: stamps = { ["/home/dev/vm/base.raw"] = { bytes = 1048576, mtime = 2 } } }
return machine { disk { file = "base.raw", overlay = "mine.qcow2" } }
