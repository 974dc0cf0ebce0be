-- SPDX-License-Identifier: MIT
-- User networking: no privileges, the guest behind NAT, forwards from the host.
local card = require "lunik.device.nic.card"
local forked = require "lunik.device.forked"
local forward = require "lunik.device.nic.forward"
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local user = {
  doc = "user networking (NAT); forwards bind to 127.0.0.1 unless told otherwise",
  fields = card.fields {
    { "forward", kind = forward, default = {}, example = 'forward = { ssh = 22, ["8080"] = 80 }',
      doc = "host ports that lead into the guest" },
    { "isolated", kind = kind.bool, default = false,
      doc = "the guest reaches neither the host nor the outside" },
    { "hostname", kind = kind.string, example = 'hostname = "web"',
      doc = "the name that DHCP gives the guest" },
  },
  complete = card.complete,
  fork = "new",
  says = { hostfwd = "forward" },
}

local function rule(f, port, guest)
  return ("%s:%s:%d-%s:%d"):format(f.protocol, f.address, port, guest or "", f.guest)
end

-- A port of this host leads into one machine.
function user.no_clone(nic, asked)
  for _, each in ipairs(not asked.forward and nic.forward or {}) do
    if each.port ~= 0 then
      return ("port %d of this host leads into one machine: --forward auto gives each clone a free "
        .. "one"):format(each.port), "forward"
    end
  end
end

function user.emit(plan, nic)
  local rules, places = {}, forked.places(plan)
  plan:user_network(nic.id)
  for i, f in ipairs(nic.forward) do
    local port = forked.port(plan, f.port)
    rules[i] = rule(f, port, places.guest)
    plan:forward { name = f.name, protocol = f.protocol, address = f.address, port = port,
      guest = f.guest, netdev = nic.id }
  end
  plan:add(qemu.netdev { "user", id = nic.id, hostfwd = rules[1] and rules or nil,
    hostname = nic.hostname, dhcpstart = places.first, restrict = nic.isolated or nil })
  if not nic.isolated then
    plan:note(nic.id .. ": the guest reaches this host's loopback services through 10.0.2.2 "
      .. "(isolated = true prevents it)")
  end
  card.emit(plan, nic)
end

user.plug = user.emit

return user
