return machine {
  accel = "tcg",
  qemu.machine { accel = "kvm:tcg" },
}
