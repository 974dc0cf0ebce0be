return machine {
  kernel = "vmlinuz",
  initrd = "initrd.img",
  append = "console=ttyS0 root=/dev/vda rw, quiet",
  uuid = "8D3F5A1C-0000-4000-8000-000000000001",
}
