-- SPDX-License-Identifier: MIT
-- What lunik holds a machine by, beside its own command line: its monitor, one for the user's own
-- tools, the lock that lives as long as QEMU does, the sandbox, a start without running, and the
-- times that it is given to come and to go.
local origin = require "lunik.plan.origin"
local qemu = require "lunik.qemu"

local MONITOR = { own = "it speaks to QEMU here" }
local TOOLS = { own = "other programs can speak QMP here" }
local PAUSED = { own = "nothing runs before all is in place; it lets the guest run then" }

local function monitor(self, name, file, from)
  self.origin = from
  self:listening(name, file)
  self:add(qemu.mon { name, mode = "control" })
end

-- Memory comes behind what was there before anybody could keep it.
local function memory_last(self)
  local memory = {}
  for i = #self.descriptors, 1, -1 do
    if self.descriptors[i].kind == "memory" then
      table.insert(memory, 1, table.remove(self.descriptors, i))
    end
  end
  table.move(memory, 1, #memory, #self.descriptors + 1, self.descriptors)
end

-- What it waits for: nothing of a guest that does not run. A function cannot cross to another
-- process, which reads the recipe for it.
local function readiness(self, machine)
  local of = self.paused and { kind = "qmp" } or machine.ready
  return { kind = of.kind, pattern = of.pattern, timeout = machine.ready_within }
end

-- How long each rung of stopping may take; `strict`, where the recipe says how long the first.
local function stopping(machine)
  local own = machine.stop or {}
  return { powerdown = own.powerdown or 60, quit = own.quit or 5, term = own.term or 5,
           strict = own.powerdown ~= nil or nil }
end

return function(self, machine)
  self.sink = self.control
  monitor(self, "lunik-monitor", "monitor.sock", MONITOR)
  monitor(self, "lunik-qmp", "qmp.sock", TOOLS)
  self:descriptor { name = "machine-lock", kind = "lock", path = self:runtime_file "machine.lock" }
  if self.sandboxed then
    self.origin = origin.sandbox(machine)
    self:add(qemu.sandbox { "on", obsolete = "deny", elevateprivileges = "deny", spawn = "deny",
      resourcecontrol = "deny" })
  end
  self.origin = PAUSED
  if self.saved then self:add(qemu.incoming { "defer" }) end
  -- one that stays paused says so itself
  if not self.paused then self:add(qemu.S()) end
  self.logs = { qemu = self:log_file "qemu.log" }
  self.ready, self.stop = readiness(self, machine), stopping(machine)
  memory_last(self)
  self.sink = self.argv
end
