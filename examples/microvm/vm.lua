-- The smallest machine: no PCI, no firmware, a kernel and an initrd.
--
--   lunik run examples/microvm/vm.lua
local guest = "../../build/guest/"

return machine {
  name = "micro",
  type = "microvm",
  memory = "256M",
  kernel = env "KERNEL" or guest .. "vmlinux",
  initrd = env "INITRD" or guest .. "initramfs.img",
  append = "console=ttyS0 reboot=t panic=-1",
}
