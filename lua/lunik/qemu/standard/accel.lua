-- SPDX-License-Identifier: MIT
-- -accel, -cpu, -enable-kvm's relatives: what runs the guest's code.
local kind = require "lunik.qemu.kind"

local irqchip = { "kernel-irqchip", kind = kind.on_off_or { "split" }, default = "on",
  doc = "interrupt controllers in the kernel" }

local by = {
  kvm = {
    irqchip,
    { "kvm-shadow-mem", kind = kind.size, doc = "size of KVM's shadow MMU" },
    { "dirty-ring-size", kind = kind.power_of_two(1024), default = "0",
      doc = "entries of each CPU's ring of dirty pages; 0: a bitmap instead" },
    { "eager-split-size", kind = kind.size, since = "8.2", default = "0", only = { "aarch64" },
      doc = "huge pages are split that much at a time while dirty pages are logged" },
    { "notify-vmexit", kind = kind.one_of { "run", "internal-error", "disable" }, default = "run",
      doc = "what a guest that opens no event window gets (x86)" },
    { "notify-window", kind = kind.count, default = "0", doc = "cycles before that happens" },
    { "device", kind = kind.device, since = "9.0", default = "/dev/kvm", doc = "KVM's device" },
    { "rapl", kind = kind.on_off, since = "9.1", doc = "energy counters for the guest (x86)" },
    { "rapl-helper-socket", kind = kind.peer, since = "9.1", doc = "socket of qemu-vmsr-helper" },
    { "xen-version", kind = kind.count, since = "8.0",
      doc = "Xen version that is emulated (0x40011)" },
    { "xen-gnttab-max-frames", kind = kind.int(0, 65535), since = "8.0", default = "64",
      doc = "grant table frames of emulated Xen" },
    { "xen-evtchn-max-pirq", kind = kind.int(0, 65535), since = "8.0", default = "256",
      doc = "PIRQs of emulated Xen" },
  },
  tcg = {
    { "thread", kind = kind.one_of { "single", "multi" },
      doc = "one thread for all CPUs, or one each" },
    { "tb-size", kind = kind.count, doc = "translation cache, in MiB" },
    { "split-wx", kind = kind.on_off,
      doc = "translated code is mapped twice, to write and to run" },
    { "one-insn-per-tb", kind = kind.on_off, since = "8.1", default = "off",
      doc = "one guest instruction per translation block" },
  },
  xen = { { "igd-passthru", kind = kind.on_off, default = "off",
    doc = "Intel graphics go to the guest" } },
  whpx = { irqchip },
  hvf = {}, nvmm = {}, qtest = {},
  hax = { removed = "8.2" },
}

return {
  { "accel", grammar = "opts", implied = "accel", look = "accelerator",
    order = { "accel" }, by = by,
    doc = "accelerator; several are tried in the order written",
    source = "qemu-options.hx, accel/*, docs/system/i386/xen.rst",
    examples = { { "kvm", kernel_irqchip = "split", dirty_ring_size = 4096 }, { "tcg",
      thread = "multi" } } },

  -- The first word is always the CPU model, never written as model=: that is CPUID's.
  -- "+feature" and "-feature" are further words. No value can hold a comma, doubled or
  -- not: strtok cuts them (target/i386/cpu.c:x86_cpu_parse_featurestr).
  { "cpu", grammar = "cpu", implied = "model", once = true, look = "processor", open = "cpu",
    keys = {
      { "check", kind = kind.on_off, default = "on",
        doc = "warn of features that the host lacks (x86)" },
      { "enforce", kind = kind.on_off, doc = "refuse features that the host lacks (x86)" },
      { "migratable", kind = kind.on_off, default = "on",
        doc = "host: only what can be migrated (x86)" },
      { "host-phys-bits", kind = kind.on_off, doc = "physical address bits are the host's (x86)" },
      { "host-phys-bits-limit", kind = kind.int(0, 64), doc = "at most that many of them (x86)" },
      { "phys-bits", kind = kind.int(0, 64), doc = "physical address bits" },
      { "host-cache-info", kind = kind.on_off, doc = "caches are described as the host's (x86)" },
      { "l3-cache", kind = kind.on_off, doc = "there is an L3 cache (x86)" },
      { "level", kind = kind.count, doc = "highest CPUID leaf (x86)" },
      { "family", kind = kind.count, doc = "CPUID family (x86)" },
      { "model", kind = kind.count, doc = "CPUID model (x86)" },
      { "stepping", kind = kind.count, doc = "CPUID stepping (x86)" },
      { "vendor", kind = kind.text, doc = "CPUID vendor, 12 bytes (x86)" },
      { "model-id", kind = kind.text, doc = "CPUID brand string (x86)" },
      { "kvm", kind = kind.on_off, default = "on",
        doc = "the guest may know that this is KVM (x86)" },
      { "pmu", kind = kind.on_off, doc = "performance counters" },
      { "hv-passthrough", kind = kind.on_off,
        doc = "all Hyper-V enlightenments of the host (x86)" },
      { "sve", kind = kind.on_off, doc = "scalable vectors (aarch64)" },
      { "pauth", kind = kind.on_off, doc = "pointer authentication (aarch64)" },
    },
    doc = "CPU model and features", source = "qemu-options.hx, docs/system/{i386,arm}/*",
    examples = { { "host" }, { "max", "+pdpe1gb", "-vmx", pmu = false } } },
}
