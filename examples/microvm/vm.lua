-- The smallest machine: no PCI, no firmware, a kernel and an initrd.
--
--   lunik run examples/microvm/vm.lua      its console; Ctrl-] ends it
local guest = "../../build/guest/"

return machine {
  name = "micro",
  memory = "256M",
  -- a kernel that hears of devices by ACPI waits for a clock that there is under KVM only
  type = "microvm",
  qemu.machine { acpi = false },
  kernel = env "KERNEL" or guest .. "vmlinux",
  initrd = env "INITRD" or guest .. "initramfs.img",
  append = "console=ttyS0 reboot=t panic=-1",
  qemu.no_reboot {},           -- nothing here can power off: reboot -f in the guest ends it
  ready = "console: " .. (env "READY" or "BusyBox"),
}
