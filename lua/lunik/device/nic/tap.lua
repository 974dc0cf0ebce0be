-- SPDX-License-Identifier: MIT
-- A tap interface of the host, opened by lunik and handed over: QEMU runs no script.
local card = require "lunik.device.nic.card"
local kind = require "lunik.kind"
local qemu = require "lunik.qemu"

local tap = {
  doc = "a tap interface of the host",
  fields = card.fields {
    { "ifname", kind = kind.string, required = true, doc = "the interface, as `ip tuntap` made it" },
  },
  complete = card.complete,
}

-- IFNAMSIZ, netdevice(7): 15 bytes and a NUL
function tap.check(nic)
  if nic.ifname and (#nic.ifname > 15 or nic.ifname == "" or nic.ifname:find "[/%s%c]") then
    return nil, "ifname", "an interface name of at most 15 bytes expected"
  end
  return true
end

function tap.emit(plan, nic)
  plan:descriptor { name = nic.id, kind = "tap", ifname = nic.ifname }
  plan:add(qemu.netdev { "tap", id = nic.id, ifname = qemu.descriptor(nic.id,
    { "ifname", nic.ifname, "script", "no", "downscript", "no" }, { "fd", "%d" }) })
  card.emit(plan, nic)
end

return tap
