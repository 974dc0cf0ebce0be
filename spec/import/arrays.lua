-- imported from arrays.sh, line 22
-- $QEMU is not set here: its default is taken
-- $1 is not set here: its default is taken
-- $DEBUG is not set here: its default is taken
-- $@: the script's own arguments are left out
-- left out: another QEMU, line 18
-- conditions were not tried: what any branch sets is set
-- left out: sudo -E
return machine {
  defaults = false,
  arch = "aarch64",
  cpu = "max",
  memory = "2G",

  qemu.machine { "virt", gic_version = "3" },
  todo "-smp $(nproc): only running the script would tell",
  -- with this it stays paused until somebody resumes it
  qemu.S {},
  qemu.gdb { "tcp", port = 1234 },
  qemu.drive {
    file = "/home/dev/images/root disk.img", format = "raw", ["if"] = "none", id = "root",
  },
  qemu.device { "virtio-blk-pci", drive = "root" },
  todo "$EXTRA: only running the script would tell",
  qemu.append { 'root=/dev/vda rw "quoted"' },
  -- its serial port and QEMU's monitor were on the terminal: lunik console and lunik qmp have
  -- them
  console {},
  qemu.nographic {},
}
