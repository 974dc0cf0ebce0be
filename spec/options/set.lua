-- SPDX-License-Identifier: MIT
return {
  { { group = "drive", id = "d0", arg = "file", value = "@dir/a,b.img" },
    "drive.d0.file=@dir/a,b.img",
    try = { first = true, "-drive", "if=none,id=d0,format=raw",
      { file = "@dir/a,b.img", size = 1048576 } } },
  { { "device.n0.mac=52:54:00:12:34:57" }, "device.n0.mac=52:54:00:12:34:57",
    try = { first = true, "-device", "virtio-net-pci,id=n0" } },
}
