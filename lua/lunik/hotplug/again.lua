-- SPDX-License-Identifier: MIT
-- Plugs again what was lost with its daemon: when a guest boots, or at once where the mount says
-- so.
local life = require "lunik.hotplug.life"

local again = {}

-- Plugs a dead device as it was asked for: the new one | nil, why. The old one stays dead when that
-- fails. What was found of it when it came the first time is no reason to refuse it now.
function again.plug(context, device, options)
  life.go(context, device, "returning")
  local new, why = require "lunik.hotplug.plug".run(context, device.family, device.fields,
    setmetatable({ again = true }, { __index = options }))
  if device.state == "returning" then life.go(context, device, "dead") end
  if new and device.running then device.running.replaced = true end
  return new, why
end

-- A guest that boots gets again what it has lost. Must not wait.
function again.revive(context, device)
  if context.over then return end
  context.loop:spawn("again " .. device.id, function()
    if device.state ~= "dead" then return end
    local new, why = again.plug(context, device, { quiet = true })
    context.tell(new and "mount" or "problem", new
      and ("%s is there again for the guest that boots"):format(device.label)
      or ("%s is not there again: %s"):format(device.label, why))
  end)
end

return again
