-- SPDX-License-Identifier: MIT
return {
  { { "ide-hd.physical_block_size=4096" }, "ide-hd.physical_block_size=4096", try = {} },
  { { driver = "virtio-net-pci", property = "mac", value = "52:54:00:12:34:57" },
    "driver=virtio-net-pci,property=mac,value=52:54:00:12:34:57", try = {} },
  { { "virtio-9p-pci.mount_tag=a,b" }, "virtio-9p-pci.mount_tag=a,b",
    try = { "-fsdev", "local,id=f0,path=/tmp,security_model=none", "-device",
      "virtio-9p-pci,fsdev=f0" } },
  { { driver = "virtio-9p-pci", property = "mount_tag", value = "a,b" },
    "driver=virtio-9p-pci,property=mount_tag,value=a,,b",
    try = { "-fsdev", "local,id=f0,path=/tmp,security_model=none", "-device",
      "virtio-9p-pci,fsdev=f0" } },
}
