-- SPDX-License-Identifier: MIT
-- One clone of a pool. It belongs to whoever has the other end of its supervisor's link: the pool
-- until it is claimed, then its claimer. When nobody has it any more, by whatever end, it ends.
local core = require "lunik.core"
local host = require "lunik.host"
local launch = require "lunik.launch"
local look = require "lunik.supervisor.look"
local machines = require "lunik.supervisor.machines"
local orphans = require "lunik.process.orphans"
local ram = require "lunik.process.ram"
local records = require "lunik.store.records"
local stat = require "posix.sys.stat"
local up = require "lunik.supervisor.up"
local usage = require "lunik.host.usage"
local wait = require "lunik.async.wait"

local BLOCK = 512          -- bytes, of which stat(2) counts

local TRIAL = 60           -- seconds for a program that does nothing

local clone = {}
clone.__index = clone

function clone.new(name)
  return setmetatable({ name = name, state = "starting" }, clone)
end

-- Runs a program in its guest, by the road that others will take, so that it is trodden: true, also
-- where there is none | nil, why
local function try(self, loop)
  local vm <close>, why = machines.attach(self.name, loop)
  if not vm then return nil, why end
  local status, problem, code = vm.handle:exec { "true", seconds = TRIAL }
  if status == 0 or code == "unsupported" then return true end
  return nil, "no program can be run in its guest: " .. (problem or ("exit status %d"):format(
    status))
end

-- Starts it, in a task of `loop`: true, once it is another machine than all others | nil, why.
-- each: of lunik.supervisor.fork; plan(): its plan and machine | nil, why
function clone:start(loop, each, plan, memory)
  local why
  self.up, why = up.begin(loop)
  if not self.up then return nil, why end
  self.proc = self.up.proc
  local planned, machine = plan()
  if not planned then return self:let_go(machine) end
  local ok
  ok, why = self.up:carry(planned, machine, { set = each.set, memory = memory })
  if ok then ok, why = self.up:await() end
  if ok then ok, why = try(self, loop) end
  if not ok then return self:let_go(why) end
  return true
end

-- Whether it still stands, as far as can be told at once.
function clone:stands() return self.up and not self.proc:wait(0) end

-- The end of its link that is to be handed over.
function clone:fd() return self.up.link.chan:fd() end

-- Whoever else has its link has it now; if nobody does, it ends: nil, why
function clone:let_go(why)
  if self.up then self.up.link:close() end
  return nil, why
end

-- Whether its machine runs, and what is recorded of it.
function clone:runs(loop)
  local how, record, vm = look.at(self.name, loop)
  if vm then vm:close() end
  return how ~= "down" and how ~= "gone", record
end

-- One that is remembered, and may run: whether its supervisor could be found.
function clone:find()
  local runs, record = self:runs()
  local pid = runs and look.supervisor(self.name, record)
  self.proc = pid and core.proc.open(pid) or nil
  return self.proc ~= nil
end

-- Waits until its supervisor has ended.
function clone:wait(loop)
  if not self.proc then return end
  wait.exit(loop, self.proc)
  self.proc:close()
  self.proc = nil
end

-- Removes what is left of it when its supervisor has ended: true | nil, why. What somebody keeps
-- runs on without one, or with another.
function clone:bury(loop)
  local runs, record = self:runs(loop)
  if runs and self.kept then return true end
  for _, id in ipairs(runs and look.ids(self.name, record) or {}) do
    local ok, why = orphans.finish(loop, id)
    if not ok then return nil, why end
  end
  local state = machines.state(self.name)
  if host.kind(state) ~= "directory" then return true end
  return launch.forget({ name = self.name, runtime = machines.runtime(self.name), state = state },
                       loop, nil, function() return true end)
end

-- Bytes of the memory that a guest has for itself. What was copied into it takes room before the
-- guest has touched it.
local function own(pid)
  local sum = 0
  for _, path in pairs(ram.of(pid)) do
    local info = stat.stat(path)
    sum = sum + (info and info.st_blocks * BLOCK or 0)
  end
  return sum
end

-- Bytes in memory that it takes, with its part of what it shares with others.
function clone:takes()
  local record, sum, files = records.read(machines.runtime(self.name)) or {}, 0, 0
  local qemu = record.qemu and record.qemu.pid
  local function add(pid)
    local _, part, of_files = usage.memory(pid)
    sum, files = sum + (part or 0), files + (of_files or 0)
  end
  if qemu then add(qemu) end
  if record.supervisor then add(record.supervisor.pid) end
  for _, helper in ipairs(record.helpers or {}) do
    if helper.pid then add(helper.pid) end
  end
  return sum + (qemu and math.max(0, own(qemu) - files) or 0)
end

return clone
