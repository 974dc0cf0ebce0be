-- SPDX-License-Identifier: MIT
-- Memory beside what the machine begins with.
return { kinds = { "dimm", "virtio-mem" }, doc = "more memory, while the machine runs",
  example = 'vm:plug("memory", { size = "1G" })' }
