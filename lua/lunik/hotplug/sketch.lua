-- SPDX-License-Identifier: MIT
-- What a device takes in a running machine, as its row's `plug` draws it: the same methods as a
-- plan's (lunik.plan), with commands in the place of options, and ports of the running machine.
local host = require "lunik.host"
local live = require "lunik.qemu.live"
local ports = require "lunik.plan.ports"

local sketch = {}
sketch.__index = sketch

-- `table` is the list of ports; `wanted` names the one to use, or nil.
function sketch.new(vm, table, wanted)
  local plan = vm.plan
  return setmetatable({ vm = vm, plan = plan, ports = table, wanted = wanted, host = host,
    kept = plan.kept,
    descriptors = {}, files = {}, helpers = {}, forwards = {}, networks = {},
    commands = {}, remove = {} }, sketch)
end

local function refuse(self, why)
  self.why = self.why or why
end

function sketch:add(entry)
  local command, removal = live.commands(entry)
  if not command then return refuse(self, removal) end
  table.insert(self.commands, command)
  table.insert(self.remove, removal)
end

function sketch:descriptor(row) table.insert(self.descriptors, row) end
function sketch:file(row) table.insert(self.files, row) end
function sketch:forward(row) table.insert(self.forwards, row) end
function sketch:share(row) self.shared = row end
function sketch.note() end
function sketch:user_network(id) table.insert(self.networks, id) end
function sketch:runtime_file(name) return self.plan.runtime .. "/" .. name end
function sketch:state_file(name) return self.plan.state .. "/" .. name end
function sketch:log_file(name)
  return (self.kept and self.plan.state or self.plan.runtime) .. "/" .. name
end
function sketch:needed(name) return self.plan.needs[name] end

function sketch:helper(row)
  table.insert(self.helpers, row)
  return row
end

function sketch:program(name)
  local found, why = host[name]()
  if found then return found end
  refuse(self, why)
  return { path = name, make = "rust" }
end

-- What QEMU answers to a query, while the device is being drawn | nil
function sketch:ask(command, arguments)
  local value, why = self.vm.monitor:exec(command, arguments)
  if value == nil then refuse(self, why) end
  return value
end

-- What keeps it from being plugged.
sketch.refuse = refuse

-- What is to be run in the guest once it is there, by its shell; `by_hand` is what to type.
function sketch:in_guest(row) self.guest_half = row end

-- A port of the running machine: { bus, addr }
function sketch:port(id, family, label)
  local port = ports.take(self.ports, id, family, label, nil, self.wanted)
  if not port then
    refuse(self, ports.full(self.ports, self.wanted))
    return {}
  end
  self.taken = port
  return port
end

sketch.place = sketch.port

return sketch
