-- SPDX-License-Identifier: MIT
-- Boot image or kernel specific options, as qemu-options.hx groups them.
return {
  { "kernel", plain = true, once = true,
    doc = "kernel to boot directly" },
  { "initrd", plain = true, once = true,
    doc = "initial ramdisk" },
  { "append", plain = true, once = true,
    doc = "kernel command line" },
  { "bios", plain = true, once = true,
    doc = "firmware image" },
}
