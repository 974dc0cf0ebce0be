-- SPDX-License-Identifier: MIT
-- A port on a bridge of the host, made by qemu-bridge-helper, which lunik runs.
local card = require "lunik.device.nic.card"
local qemu = require "lunik.qemu"

local bridge = {
  doc = "a port on a bridge of the host, by qemu-bridge-helper",
  fields = card.fields {
    { "bridge", kind = card.interface, default = "br0",
      example = 'bridge = "br0"',
      doc = "the bridge; /etc/qemu/bridge.conf must allow it" },
  },
  complete = card.complete,
  fork = "refuse",
  no_fork = "all clones would be on the bridge with the MAC of the machine that was saved",
  says = { br = "bridge" },
}

function bridge.emit(plan, nic)
  plan:descriptor { name = nic.id, kind = "bridge", bridge = nic.bridge }
  plan:add(qemu.netdev { "tap", id = nic.id, br = qemu.descriptor(nic.id,
    { "br", nic.bridge, "helper", "/usr/lib/qemu/qemu-bridge-helper" }, { "fd", "%d" }) })
  card.emit(plan, nic)
end

bridge.plug = bridge.emit

return bridge
