-- host: { files = { ["/home/dev/vm/vmlinuz"] = ("\0"):rep(0x202) .. "HdrS" .. ("\0"):rep(100) } }
return machine {
  arch = "aarch64", accel = "tcg",
  kernel = "vmlinuz",
  qemu.kernel { "vmlinuz" },
}
