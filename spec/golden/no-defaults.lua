-- nothing of lunik's own: what an imported command line needs
return machine {
  defaults = false,
  raw { "-M", "pc", "-hda", "old disk.img", "-display", "none" },
  qemu.device { "e1000" },
}
