-- SPDX-License-Identifier: MIT
-- What of a recipe cannot be a job, or not many: a list of problems, as of a recipe.
local check = require "lunik.schema.check"

local function wrong(problems, at, about, why) check.add(problems, at, about, why) end

-- What many would write at once: a disk without an overlay, or one that is kept in a place.
local function shared_disks(machine, count, problems)
  for _, item in ipairs(machine.items) do
    local written = item.family == "disk" and not item.readonly and item.overlay ~= true
    if written and count > 1 then
      local kept = type(item.overlay) == "string"
      local field = kept and "overlay" or "file"
      wrong(problems, item.at_of(field), "disk." .. field,
        ("%d jobs would write it at once: overlay = true gives each its own"):format(count))
    end
  end
end

-- plan and machine of a recipe, the jobs' command, and how many jobs there are.
return function(plan, machine, command, count)
  local problems = {}
  local no_road = not plan.guest.agent and not plan.guest.ssh
  if command and no_road then
    wrong(problems, machine.at, "machine", "a program is run in the guest by its agent or by ssh: "
      .. "agent {} or ssh {} in the recipe gives one")
  end
  if machine.results and no_road then
    wrong(problems, machine.written.results, "machine.results",
      "is copied by the guest's agent or by ssh: agent {} or ssh {} in the recipe gives one")
  end
  if plan.paused then
    wrong(problems, machine.written.paused or machine.written.gdb or machine.at, "machine",
      "stays paused, and so its job never ends")
  end
  shared_disks(machine, count, problems)
  return problems
end
