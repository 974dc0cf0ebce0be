-- nothing of lunik's own: what an imported command line needs
return machine {
  defaults = false,
  raw { "-M", "pc", "-hda", "old disk.img" },
  qemu.device { "e1000" },
}
