-- SPDX-License-Identifier: MIT
-- Runs a program in the guest: by its agent, else by ssh.
local defer = require "lunik.async.defer"

-- What most machines do not need is not loaded.
local function ssh() return require "lunik.vm.guest.ssh" end

-- By the agent, as long as that is there.
local function by_agent(self, argv, options)
  local over = self.loop:latch()
  local running = self.loop:spawn("exec", self.agent.exec, self.agent, argv, options)
  local tasks = { running,
    self.loop:spawn("exec's end", function() over:set("done", running:join()) end),
    self.loop:spawn("agent's end", function()
      while not self.left do self.changed:wait() end
      over:set "left"
    end) }
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  local found = table.pack(over:wait())
  if found[1] == "left" then return nil, self:why_silent(), "unreachable" end
  if not found[2] then error(found[3], 0) end
  return table.unpack(found, 3, found.n)
end

-- argv and options of a guest: { status | signal, out, err } | nil, why, code
return function(self, argv, options)
  if self.agent then return by_agent(self, argv, options) end
  local access = self.plan.guest and self.plan.guest.ssh
  if options and options.input then return nil, "exec: standard input needs the guest's agent" end
  if not access then return nil, "exec: the machine has no agent and no ssh" end
  local forward = self.forward(access.forward)
  if not forward then return nil, ssh().cut_off(self.plan), "unreachable" end
  return ssh().exec(self.loop, self.plan, forward, argv, options and options.seconds)
end
