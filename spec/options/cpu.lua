-- SPDX-License-Identifier: MIT
return {
  { { "qemu64" }, "qemu64", try = {} },
  { { "max", "+pdpe1gb", "-avx2", pmu = false }, "max,+pdpe1gb,-avx2,pmu=off", try = {} },
  { { "max", check = false, enforce = false, migratable = true, host_phys_bits_limit = 40,
    phys_bits = 40,
      l3_cache = false, level = 13, family = 6, model = 60, stepping = 1, vendor = "GenuineIntel",
      model_id = "A CPU of ours", kvm = false },
    "max,check=off,enforce=off,family=6,host-phys-bits-limit=40,kvm=off,l3-cache=off,level=13,"
      .. "migratable=on,"
      .. "model=60,model-id=A CPU of ours,phys-bits=40,stepping=1,vendor=GenuineIntel", try = {} },
  { { "max", host_cache_info = false }, "max,host-cache-info=off", try = {} },
  { { "host", host_phys_bits = true, hv_passthrough = true },
    "host,host-phys-bits=on,hv-passthrough=on",
    try = { "-accel", "kvm", needs = "kvm" } },
  { { "max", sve = false, pauth = false }, "max,pauth=off,sve=off", arch = "aarch64",
    try = { "-machine", "virt" } },
}
