-- host: { files = { ["/home/dev/vm/top.qcow2"] =
-- host: "QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\x14\0\0\0\x0d/srv/base.raw" } }
return machine { disk { file = "top.qcow2", backing = "/srv/base.raw" } }
