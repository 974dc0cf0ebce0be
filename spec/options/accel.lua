-- SPDX-License-Identifier: MIT
local kvm = { needs = "/dev/kvm" }

return {
  { { "tcg", thread = "multi", tb_size = 64, split_wx = true },
    "tcg,split-wx=on,tb-size=64,thread=multi", try = {} },
  { { "tcg", one_insn_per_tb = true }, "tcg,one-insn-per-tb=on", since = "8.1", try = {} },
  { { "kvm", kernel_irqchip = "split", kvm_shadow_mem = 16777216, dirty_ring_size = 4096,
    notify_vmexit = "run",
      notify_window = 0 },
    "kvm,dirty-ring-size=4096,kernel-irqchip=split,kvm-shadow-mem=16777216,notify-vmexit=run,"
      .. "notify-window=0",
    try = kvm },
  { { "kvm", kernel_irqchip = true }, "kvm,kernel-irqchip=on", try = kvm },
  { { "kvm", kernel_irqchip = "off" }, "kvm,kernel-irqchip=off",
    try = "not every host's KVM can" },
  { { "kvm", notify_vmexit = "internal-error" }, "kvm,notify-vmexit=internal-error",
    try = kvm },
  { { "kvm", device = "/dev/kvm" }, "kvm,device=/dev/kvm", since = "9.0",
    try = kvm },
  { { "kvm", rapl = true, rapl_helper_socket = "/run/vmsr.sock" },
    "kvm,rapl=on,rapl-helper-socket=/run/vmsr.sock", since = "9.1", try = "needs Intel RAPL" },
  { { "kvm", xen_version = "0x40011", xen_gnttab_max_frames = 64, xen_evtchn_max_pirq = 256 },
    "kvm,xen-evtchn-max-pirq=256,xen-gnttab-max-frames=64,xen-version=0x40011", since = "8.0",
    try = "not every host's KVM can" },
  { { "kvm", eager_split_size = "2M" }, "kvm,eager-split-size=2M", arch = "aarch64", since = "8.2",
    try = "needs KVM of aarch64" },
  { { "xen", igd_passthru = true }, "xen,igd-passthru=on", try = "needs Xen" },
  { { "hvf" }, "hvf", try = "needs macOS" },
  { { "nvmm" }, "nvmm", try = "needs NetBSD" },
  { { "whpx", kernel_irqchip = false }, "whpx,kernel-irqchip=off", try = "needs Windows" },
  { { "qtest" }, "qtest", try = "for QEMU's own tests: a module that no package has" },
  { { "hax" }, "hax", removed = "8.2", try = "needs HAXM" },
}
