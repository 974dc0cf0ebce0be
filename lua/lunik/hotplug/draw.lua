-- SPDX-License-Identifier: MIT
-- What a device takes in a running machine, as its row's `plug` draws it: a drawing has the same
-- methods as a plan (lunik.plan), with commands in the place of options, and ports of the running
-- machine. Drawing does nothing but take a port in the table.
local host = require "lunik.host"
local live = require "lunik.qemu.live"
local ports = require "lunik.plan.ports"

local draw = {}
draw.__index = draw

-- `wanted` names the port to use, or nil.
function draw.new(context, wanted)
  local plan = context.plan
  return setmetatable({ monitor = context.monitor, plan = plan, ports = context.ports,
    wanted = wanted, host = host, kept = plan.kept,
    saved = context.incoming and plan.saved or nil,
    descriptors = {}, files = {}, helpers = {}, forwards = {}, networks = {},
    commands = {}, remove = {} }, draw)
end

-- Says why it cannot be plugged; the first word counts.
function draw:refuse(why, code)
  if not self.why then self.why, self.code = why, code end
end

function draw:add(entry)
  local command, removal = live.commands(entry.live or entry)
  if not command then return self:refuse(removal, "unsupported") end
  table.insert(self.commands, command)
  table.insert(self.remove, removal)
end

function draw:descriptor(row) table.insert(self.descriptors, row) end
function draw:file(row) table.insert(self.files, row) end
function draw:forward(row) table.insert(self.forwards, row) end
function draw:has_disk(row) self.disk = row end
function draw:share(row) self.shared = row end
function draw.note() end
function draw:user_network(id) table.insert(self.networks, id) end
function draw:runtime_file(name) return self.plan.runtime .. "/" .. name end
function draw:state_file(name) return self.plan.state .. "/" .. name end
function draw:log_file(name)
  return (self.kept and self.plan.state or self.plan.runtime) .. "/" .. name
end
function draw:needed(name) return self.plan.needs[name] end

function draw:helper(row)
  table.insert(self.helpers, row)
  return row
end

function draw:program(name)
  local found, why = host[name]()
  if found then return found end
  self:refuse(why)
  return { path = name, make = "rust" }
end

-- Asks QEMU while the device is being drawn: its answer | nil
function draw:ask(command, arguments)
  local value, why, code = self.monitor:exec(command, arguments)
  if value == nil then self:refuse(why, code) end
  return value
end

-- Has the guest's shell run something once the device is there; `by_hand` is what to type.
function draw:in_guest(row) self.guest_step = row end

-- A port of the running machine: { bus, addr }
function draw:port(id, family, label)
  local port = ports.take(self.ports, id, family, label, nil, self.wanted)
  if not port then
    self:refuse(ports.full(self.ports, self.wanted))
    return {}
  end
  self.taken = port
  return port
end

draw.place = draw.port

-- Gives back the port of a drawing that is not carried out.
function draw:discard()
  if self.taken then ports.free(self.taken) end
end

return draw
