-- SPDX-License-Identifier: MIT
-- Notices that a machine's runtime directory has vanished: what lies in /run/user goes with its
-- user's last session. The machine goes on, without a place where others find it. It is not made
-- anew: QEMU and the helpers hold the locks, and listen on the sockets, that were in there.
local core = require "lunik.core"
local host = require "lunik.host"

local vigil = {}
vigil.__index = vigil

-- Of a machine that runs; tell(kind, text)
function vigil.new(loop, vm, tell)
  return setmetatable({ loop = loop, vm = vm, tell = tell }, vigil)
end

local function is_there(self) return host.kind(self.vm.plan.runtime .. "/supervisor.lock") end

-- Until something is removed.
local function wait_for_change(self)
  self.loop:wait(self.watch:fd(), "r")
  repeat until not self.watch:next(0)
end

local function watch(self)
  local why, ok
  self.watch, why = core.watch.open()
  if self.watch then ok, why = self.watch:add(self.vm.plan.runtime, "delete,delete_self") end
  if not ok then return nil, why end
  while is_there(self) do wait_for_change(self) end
  return true
end

-- A task's work. Where the machine has ended, its directory is removed by those who made it.
function vigil:work()
  local seen, why = watch(self)
  local plan = self.vm.plan
  if self.vm.qemu.ended:is_set() then return end
  if not seen and is_there(self) then
    return self.tell("problem", ("%s is not watched: %s"):format(plan.runtime, why))
  end
  self.tell("problem", ("%s is gone: the machine runs on, and nobody new can speak to it; "
    .. "lunik down %s ends it%s"):format(plan.runtime, plan.name,
    plan.runtime:find "^/run/user/" and "; loginctl enable-linger keeps the directory" or ""))
end

function vigil:close()
  if self.watch then self.watch:close() end
  self.watch = nil
end

return vigil
