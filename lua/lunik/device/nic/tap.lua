-- SPDX-License-Identifier: MIT
-- A tap interface of the host, opened by lunik and handed over: QEMU runs no script.
local card = require "lunik.device.nic.card"
local qemu = require "lunik.qemu"

local tap = {
  doc = "a tap interface of the host",
  fields = card.fields {
    { "ifname", kind = card.interface, required = true,
      example = 'ifname = "tap0"',
      doc = "the interface, as `ip tuntap` made it" },
  },
  complete = card.complete,
  fork = "refuse", no_fork = "a tap interface is one machine's",
}

function tap.emit(plan, nic)
  plan:descriptor { name = nic.id, kind = "tap", ifname = nic.ifname }
  plan:add(qemu.netdev { "tap", id = nic.id, ifname = qemu.descriptor(nic.id,
    { "ifname", nic.ifname, "script", "no", "downscript", "no" }, { "fd", "%d" }) })
  card.emit(plan, nic)
end

tap.plug = tap.emit

return tap
