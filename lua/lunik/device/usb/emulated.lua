-- SPDX-License-Identifier: MIT
-- A USB device that QEMU is itself: a tablet, a keyboard, a sound card.
local kind = require "lunik.schema.kind"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"

local emulated = {
  doc = "a USB device that QEMU is itself",
  fields = {
    { "model", kind = kind.word, default = "usb-tablet", names = "device",
      example = 'model = "usb-kbd"',
      doc = "usb-tablet, usb-kbd, usb-mouse, usb-audio, …: a QEMU device" },
    { "id", kind = kind.id, example = 'id = "keys"', doc = name.numbered_doc "usb" },
  },
  needs = function() return { usb = true } end,
  fork = "new",
}

function emulated.complete(usb, context)
  usb.id = usb.id or name.numbered("usb", context)
end

function emulated.emit(plan, usb)
  plan:add(qemu.device { usb.model, id = usb.id, bus = "usb.0" })
end

emulated.plug = emulated.emit

return emulated
