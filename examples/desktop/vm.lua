-- A desktop by UEFI with secure boot and a TPM, installed from an ISO while its disk is empty.
--
--   ISO=fedora.iso lunik run examples/desktop/vm.lua
local iso = env "ISO" or "desktop.iso"

return machine {
  name = "desktop",
  cpus = 4,
  memory = "4G",
  cpu = env "CPU",                                   -- left out: the host's, where KVM works
  firmware = { kind = "uefi", secure = true },
  tpm {},

  disk { file = "desktop.qcow2", create = true, size = "40G", install = iso },
  nic {},
  qemu.device { "virtio-vga" },
  qemu.display { env "SHOW" or "gtk" },
  qemu.device { "qemu-xhci", id = "xhci" },
  qemu.device { "usb-tablet", bus = "xhci.0" },
  qemu.device { "usb-kbd", bus = "xhci.0" },
  qemu.audiodev { env "SOUND" or "pa", id = "sound" },
  qemu.device { "ich9-intel-hda" },
  qemu.device { "hda-duplex", audiodev = "sound" },
  balloon {},
}
