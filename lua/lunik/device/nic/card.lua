-- SPDX-License-Identifier: MIT
-- What the kinds of network card share: the front end that the guest sees.
local kind = require "lunik.schema.kind"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"

local card = {}

-- The fields of a kind, followed by those of every card.
function card.fields(own)
  local fields = { table.unpack(own) }
  for _, row in ipairs {
    { "id", kind = kind.id, example = 'id = "lan"',
      doc = "net0, net1, … in order; net-p1, … while the machine runs" },
    { "mac", kind = kind.mac, example = 'mac = "52:54:00:12:34:56"',
      doc = "made from the machine's name, so that it stays" },
    { "model", kind = kind.word, default = "virtio-net-pci", names = "device",
      example = 'model = "e1000e"',
      doc = "the card that the guest sees, a QEMU device" },
  } do fields[#fields + 1] = row end
  return fields
end

-- IFNAMSIZ, netdevice(7): 15 bytes and a NUL
card.interface = { name = "interface", expects = "an interface name of at most 15 bytes",
  read = function(value)
  if type(value) == "string" and #value <= 15 and value:find "^[^/%s%c]+$" then return value end
  return nil, "an interface name of at most 15 bytes expected, got " .. kind.show(value)
end }

function card.complete(nic, context)
  if context.in_box and context.written.model == nil then nic.model = context.in_box.card end
  nic.id = nic.id or context.running and name.numbered("net", context)
           or "net" .. context.index - 1
  nic.mac = nic.mac or name.mac(context.name .. "/" .. nic.id)
end

function card.emit(plan, nic)
  local at = nic.model:find "^usb%-" and {} or plan:place(nic.id, "nic", nic.id)
  plan:add(qemu.device { nic.model, id = nic.id, netdev = nic.id, mac = nic.mac, bus = at.bus,
    addr = at.addr })
end

return card
