return machine {
  arch = "aarch64",
  accel = "kvm",
  qemu.machine { "virt",
    accel = "kvm" },
  qemu.enable_kvm {},
}
