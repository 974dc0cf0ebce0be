-- SPDX-License-Identifier: MIT
-- USB convenience options, as qemu-options.hx groups them.
local kind = require "lunik.qemu.kind"

return {
  { "usb", grammar = "flag",
    doc = "the board's USB host controller, where it is not there by default" },
  { "usbdevice", grammar = "text",
    kind = kind.word_such_as { "braille", "keyboard", "mouse", "tablet", "wacom-tablet" },
    doc = "a USB device of one of QEMU's short names (-device can say more)",
    examples = { { "tablet" } } },
}
