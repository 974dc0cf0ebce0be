-- imported from start.sh, line 3
return machine {
  defaults = false,
  arch = "x86_64",
  name = "imported",
  cpus = 2,
  memory = "512M",

  qemu.machine { "q35", accel = "tcg" },
  qemu.kernel { "../../build/guest/vmlinux" },
  qemu.initrd { "../../build/guest/initramfs.img" },
  qemu.append { "console=ttyS0 panic=-1" },
  qemu["no-reboot"] {},
  qemu.drive { file = "../../build/guest/disk.qcow2", ["if"] = "virtio", snapshot = true },
  qemu.nic { "user", model = "virtio-net-pci", hostfwd = "tcp:127.0.0.1:0-:22" },
  -- its serial port and QEMU's monitor were on the terminal: lunik console and lunik qmp have
  -- them
  console {},
  qemu.nographic {},
}
