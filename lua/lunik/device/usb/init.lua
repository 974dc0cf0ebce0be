-- SPDX-License-Identifier: MIT
-- USB devices: emulated ones, and those of the host.
return { kinds = { "emulated", "host" }, doc = "a USB device",
  example = 'usb { model = "usb-kbd" }' }
