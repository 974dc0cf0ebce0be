-- imported from traps.sh, line 2
return machine {
  defaults = false,
  arch = "x86_64",

  qemu.name { "a,b" },
  qemu.machine { "q35", usb = false, accel = "tcg" },
  qemu.usb {},
  qemu.m { 512 },
  -- sockets: a whole number, at least 1 expected, got ''
  raw { "-smp", "2,sockets=" },
  qemu.cpu { "kvm64", "enforce", "+lahf_lm", "-vmx", hv_spinlocks = "0x1fff" },
  qemu.device { "virtio-9p-pci", fsdev = "nowhere", mount_tag = "t" },
  qemu.vga { "std" },
  -- stands twice; QEMU takes only the last
  qemu.vga { "none" },
  qemu.fw_cfg { "opt/x", string = "1" },
  qemu.fw_cfg { "opt/y", file = "y", name = "opt/z" },
  qemu.drive { file = "json:x", format = "raw", readonly = true, snapshot = true },
  qemu.set { "device.v.x=1" },
  qemu.global { "ide-hd.physical_block_size=4096" },
  qemu.global { driver = "e1000", property = "mac", value = "x" },
  -- no option of QEMU that lunik knows
  raw { "-frobnicate", "high" },
  -- no qemu.machine { … } comes out the same
  raw { "-machine", "q35,kernel_irqchip" },
  qemu.serial { "tcp", server = true, nodelay = true, port = 4444 },
  qemu.k { "en-us" },
  qemu.hda { "old.img" },
  -- its value is missing
  raw { "-boot" },
}
