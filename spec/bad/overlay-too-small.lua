-- host: { files = { ["/home/dev/vm/debian.qcow2"] = (">c4I4I8I4I4I8"):pack("QFI\xfb", 3, 0, 0, 16, 2 << 30) .. ("\0"):rep(72) } }
return machine {
  disk { file = "debian.qcow2", overlay = true, size = "1G" },
  disk { id = "kept", file = "debian.qcow2", overlay = "kept-missing.qcow2", size = "512M" },
  disk { id = "grown", file = "debian.qcow2", overlay = "grown-missing.qcow2", size = "2G" },
}
