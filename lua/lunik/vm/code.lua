-- SPDX-License-Identifier: MIT
-- The recipe's functions in a running machine: its routines, each a task, and how other functions
-- take the place of all of them. Methods of lunik.vm.
local timers = require "lunik.hook.timers"

local code = {}

local PATIENCE = 30        -- seconds for a hook that runs to come to its end

-- Starts the routines among hooks.
function code:run_routines(hooks)
  self.routines = {}
  for i, each in ipairs(timers.of(hooks)) do
    self.routines[i] = self.loop:spawn_for(self.problem, each.name, each.work, self, each.entry)
  end
end

function code:end_routines()
  for _, each in ipairs(self.routines or {}) do each:cancel() end
  self.routines = {}
end

-- Puts other { hooks, policies } in the place of the recipe's, once none of its hooks runs: what
-- there was | nil, why, code. A policy that is just being asked is asked to its end.
function code:replace_code(new)
  local ok, why = self.dispatch:hold(PATIENCE)
  if not ok then return nil, why, "timeout" end
  self:end_routines()
  local before = { hooks = self.dispatch:replace(new.hooks),
                   policies = self.hotplug:replace_policies(new.policies) }
  self.context.hooks = new.hooks
  self:run_routines(new.hooks)
  self.dispatch:release()
  return before
end

return code
