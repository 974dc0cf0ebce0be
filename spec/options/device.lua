-- SPDX-License-Identifier: MIT
return {
  { { "virtio-net-pci", netdev = "n0", mac = "52:54:00:12:34:56", bootindex = 1 },
    "virtio-net-pci,bootindex=1,mac=52:54:00:12:34:56,netdev=n0",
      try = { "-netdev", "user,id=n0" } },
  { { "virtio-blk-pci", id = "b0", bus = "pcie.0", addr = "0x10", drive = "d0", iothread = "io0",
      physical_block_size = 4096, ["num-queues"] = 1 },
    "virtio-blk-pci,id=b0,bus=pcie.0,addr=0x10,drive=d0,iothread=io0,num-queues=1,"
      .. "physical_block_size=4096",
    try = { "-machine", "q35", "-object", "iothread,id=io0", "-blockdev",
      "null-co,node-name=d0" } },
  { { "isa-serial", chardev = "c0" }, "isa-serial,chardev=c0",
    try = { "-nodefaults", "-chardev", "null,id=c0" } },
  { { "pc-dimm", memdev = "m0" }, "pc-dimm,memdev=m0",
    try = { "-m", "128M,slots=1,maxmem=1G", "-object", "memory-backend-ram,id=m0,size=128M" } },
  { { "AC97", audiodev = "a0" }, "AC97,audiodev=a0", try = { "-audiodev", "none,id=a0" } },
  { { "virtio-9p-pci", fsdev = "f0", mount_tag = "t" }, "virtio-9p-pci,fsdev=f0,mount_tag=t",
    try = { "-fsdev", "local,id=f0,path=/tmp,security_model=none" } },
  { { "tpm-crb", tpmdev = "t0" }, "tpm-crb,tpmdev=t0", try = "needs a TPM emulator" },
  { { "virtio-crypto-pci", cryptodev = "c0" }, "virtio-crypto-pci,cryptodev=c0",
    try = { "-object", "cryptodev-backend-builtin,id=c0" } },
}
