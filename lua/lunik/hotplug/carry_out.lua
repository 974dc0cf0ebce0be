-- SPDX-License-Identifier: MIT
-- Plugs one device: what its row has drawn (lunik.hotplug.draw) is carried out: files, helpers,
-- descriptors, commands. Whatever step fails, everything before it is taken back in reverse; what
-- will have to be taken back is written down before the first step, for whoever adopts the machine.
local core = require "lunik.core"
local descriptors = require "lunik.process.descriptors"
local errno = require "posix.errno"
local files = require "lunik.process.files"
local helper = require "lunik.process.helper"

local plug = {}

local PATIENCE = 5         -- seconds for a command; a peer that never answers freezes all of QEMU
local FREED = 5

-- How long each step took, in milliseconds, in the order of the steps.
function plug.step(self, device, name)
  local now = self.vm.loop.now()
  table.insert(device.steps, { step = name, ms = (now - device.since) * 1000 })
  device.since = now
end

-- A context as lunik.launch has it, whose undo is the device's own.
local function context(self, device, sketch)
  local plan = setmetatable({ descriptors = sketch.descriptors }, { __index = self.vm.plan })
  return setmetatable({ plan = plan, started = device.undo, connections = {} },
                      { __index = self.vm.context })
end

local function start_helpers(ctx, device, sketch)
  for _, row in ipairs(sketch.helpers) do
    local running, why = helper.start(ctx, row)
    if not running then return nil, why end
    device.running = running
  end
  return true
end

-- QEMU gets what it needs open, under the names that the commands use.
local function hand_over(self, ctx, sketch)
  local open <close>, why = descriptors.open(ctx)
  if not open then return nil, why end
  for i, row in ipairs(sketch.descriptors) do
    local ok
    ok, why = self.vm.monitor:exec("getfd", { fdname = row.name }, nil,
                                   { fds = { open.fds[i + 2] } })
    if not ok then return nil, "getfd: " .. why end
  end
  return true
end

-- A daemon that has stopped answering holds QEMU inside the command: its connection is cut out
-- of band, after which QEMU goes on.
local function free(self, sketch, device)
  local instances = core.json.array {}
  for _, command in ipairs(sketch.commands) do
    if command.execute == "chardev-add" then
      instances[#instances + 1] = { type = "chardev", id = command.arguments.id }
    end
  end
  if #instances > 0 then
    self.vm.monitor:exec("yank", { instances = instances }, FREED, { urgent = true })
  end
  if device.running then device.running:signal(9) end
end

-- Why it failed, in the words of a helper that has ended.
local function because(device, command, why)
  local running = device.running
  if running and running.ended:wait(0) then
    return ("helper %s: %s\n%s: %s"):format(running.name, running:describe(), command, why)
  end
  return why:find(command, 1, true) and why or ("%s: %s"):format(command, why)
end

local function run_commands(self, device, sketch)
  for i, command in ipairs(sketch.commands) do
    device.remove[i] = sketch.remove[i]
    local ok, why, code = self.vm.monitor:exec(command.execute, command.arguments, PATIENCE)
    plug.step(self, device, command.execute)
    if not ok then
      if code == errno.ETIMEDOUT then free(self, sketch, device) end
      if code ~= errno.ETIMEDOUT then device.remove[i] = nil end
      return nil, because(device, command.execute, why)
    end
  end
  return true
end

-- Carries a sketch out: true | nil, why. What was done is then to be taken back by the caller.
function plug.carry_out(self, device, sketch)
  local ctx, ok, why = context(self, device, sketch), true, nil
  for _, file in ipairs(sketch.files) do
    if ok then ok, why = files.create(ctx, file) end
  end
  if ok then ok, why = start_helpers(ctx, device, sketch) end
  plug.step(self, device, "daemon")
  if ok then ok, why = hand_over(self, ctx, sketch) end
  plug.step(self, device, "getfd")
  if ok then ok, why = run_commands(self, device, sketch) end
  return ok, why
end

return plug
