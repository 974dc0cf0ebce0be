-- SPDX-License-Identifier: MIT
-- Boot image or kernel specific options, as qemu-options.hx groups them. All but -pflash
-- set a property of the machine, so the last one wins.
local kind = require "lunik.qemu.kind"

return {
  { "bios", grammar = "text", kind = kind.searched, once = true,
    doc = "firmware image, searched in -L's folders too",
    examples = { { "/usr/share/qemu/qboot.rom" } } },
  { "pflash", grammar = "text", kind = kind.flash,
    doc = "flash image, one after the other; NAME: before a slash is read as a protocol",
    examples = { { "/usr/share/OVMF/OVMF_CODE.fd" } } },
  { "kernel", grammar = "text", kind = kind.file, once = true, look = "kernel",
    doc = "kernel to boot directly",
    examples = { { "/boot/vmlinuz" } } },
  { "shim", grammar = "text", kind = kind.file, once = true, since = "10.0",
    doc = "shim.efi that the firmware runs before the kernel",
    examples = { { "/boot/efi/EFI/debian/shimx64.efi" } } },
  { "append", grammar = "text", kind = kind.text, once = true,
    doc = "kernel command line, with -kernel",
    examples = { { "console=ttyS0 root=/dev/vda" } } },
  { "initrd", grammar = "text", kind = kind.initrd, once = true,
    doc = 'initial ramdisk, with -kernel; multiboot: "FILE ARGS,FILE ARGS"',
    examples = { { "/boot/initrd.img" } } },
  { "dtb", grammar = "text", kind = kind.searched, once = true,
    doc = "device tree for the kernel",
    examples = { { "board.dtb" } } },
}
