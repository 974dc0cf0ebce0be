-- SPDX-License-Identifier: MIT
-- How a running machine is reached from other terminals and programs, whoever runs it: its control
-- socket, and the socket on which its console is shared.
local core = require "lunik.core"
local mode = require "lunik.system.mode"
local unistd = require "posix.unistd"

local reach = {}
reach.__index = reach

-- A socket of a process that died may still be in the way: the lock says that it is stale.
local function listen(ctx, name)
  local path = ctx.plan.runtime .. "/" .. name
  unistd.unlink(path)
  local chan, why = core.chan.listen(path, { mode = mode.file })
  if chan then ctx.started:closing(chan) end
  return chan, why
end

-- Listens for a machine that has just become ours: { control, attach } | nil, why. Clients wait
-- until it is served.
function reach.listen(ctx)
  local control, why = listen(ctx, "control.sock")
  if not control then return nil, why end
  local attach
  if ctx.plan.console then
    attach, why = listen(ctx, "attach.sock")
    if not attach then return nil, why end
  end
  return { control = control, attach = attach }
end

local function announce(vm, name, data) require "lunik.vm.events".announce(vm, name, data) end

-- Serves a machine that runs.
function reach.serve(loop, vm, sockets)
  local self = setmetatable({ vm = vm }, reach)
  self.control = require "lunik.control".new(loop, sockets.control)
  self.control:serve(vm)
  if sockets.attach and vm.console then
    self.console = require "lunik.vm.console.share".new(loop, vm.console, sockets.attach)
    self.sharing = loop:spawn("attached", self.console.work, self.console)
  end
  return self
end

-- Everybody hears that it is ready.
function reach:ready() announce(self.vm, "LUNIK_READY", core.json.object {}) end

-- Everybody hears of a step, a hook's words, a problem.
function reach:tell(kind, text)
  announce(self.vm, "LUNIK_PROGRESS", { kind = kind, text = text })
end

-- Everybody hears how it ended.
function reach:over(how)
  announce(self.vm, "LUNIK_ENDED", require "lunik.vm.status".how(how))
end

-- Says goodbye; what clients were to be told they can still read for a moment.
function reach:close()
  if self.sharing then
    self.sharing:cancel()
    self.console:close()
  end
  self.control:close()
end

return reach
