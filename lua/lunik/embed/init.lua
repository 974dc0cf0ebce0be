-- SPDX-License-Identifier: MIT
-- The Lua half of the C embedding API (src/embed/lunik.h): a session whose methods give a
-- value, or nil and why as text.
local lunik = require "lunik"

local session = {}
session.__index = session

function session:set(field, value)
  self.settings[field] = value
  return true
end

function session:load(path)
  local plan, machine = lunik.plan(path, { set = self.settings })
  if not plan then return nil, lunik.text(machine) end
  self.plan = plan
  return true
end

function session:argv(full)
  if not self.plan then return nil, "nothing is loaded" end
  return self.plan:command("paste", full)
end

-- Runs what was loaded: the exit code with which the machine ended.
function session:run(tell)
  if not self.plan then return nil, "nothing is loaded" end
  local function started(vm) self.vm = vm end
  local how, problems = lunik.run(self.plan, { tell = tell, on = { started = started } })
  self.vm = nil
  if not how then return nil, lunik.text(problems) end
  return how.code
end

function session:forward(name)
  if not self.vm then return nil, "no machine is running" end
  return self.vm:forward(name)
end

function session:stop(reason)
  if not self.vm then return nil, "no machine is running" end
  self.vm:stop(reason)
  return true
end

return function() return setmetatable({ settings = {} }, session) end
