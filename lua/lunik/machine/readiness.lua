-- SPDX-License-Identifier: MIT
-- Which readiness was meant, of a machine and of its template, and whether there is what it asks
-- for.
local check = require "lunik.schema.check"

-- The families that the machine has, as a set.
local function families(out)
  local has = {}
  for _, item in ipairs(out.items) do has[item.family or ""] = true end
  return has
end

-- Why a readiness (lunik.machine.ready) cannot come | nil. `no_road`: nothing leads into the guest.
local function cannot(ready, has, no_road, defaults)
  if ready.kind == "console" and not has.console then return "'console' needs console {}" end
  if ready.kind == "cloud-init" and no_road then
    return "'cloud-init' needs agent {} or ssh {}"
  end
  if (ready.kind == "agent" or ready.kind == "ssh") and defaults and not has[ready.kind] then
    return ("'%s' needs %s {}"):format(ready.kind, ready.kind)
  end
end

return function(out, at, problems)
  local has = families(out)
  local no_road = out.defaults and not has.agent and not has.ssh
  if out.signs and not has.console then
    check.add(problems, at.signs, "machine.signs", "needs console {}")
  end
  for _, hook in ipairs(no_road and out.hooks or {}) do
    if hook.point == "provision" then
      check.add(problems, hook.position, "provision", "needs agent {} or ssh {}")
    end
  end
  local why = out.ready and cannot(out.ready, has, no_road, out.defaults)
  if why then check.add(problems, at.ready, "machine.ready", why) end
  out.ready = out.ready or { kind = has.agent and "agent" or has.ssh and "ssh" or "qmp" }
  for _, item in ipairs(out.items) do
    local own = item.family == "template" and item.ready
    why = own and cannot(own, has, no_road, out.defaults)
    if why then check.add(problems, item.at_of "ready", "template.ready", why) end
  end
end
