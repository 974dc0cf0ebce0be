-- SPDX-License-Identifier: MIT
-- What a start has taken its time for, as `--profile` prints it: a line for each step, what a step
-- consists of below it.
local profile = {}

-- Lines of steps (lunik.async.timeline), whose times stand below each other.
local function add(lines, steps, indent)
  for _, one in ipairs(steps) do
    lines[#lines + 1] = ("%s%8.1f ms  %s"):format(indent, one.ms, one.step)
    add(lines, one.steps or {}, indent .. "  ")
  end
end

-- The time of all of them, in milliseconds.
function profile.sum(steps)
  local sum = 0
  for _, one in ipairs(steps) do sum = sum + one.ms end
  return sum
end

function profile.lines(steps)
  local lines = { ("%8.1f ms  all of it"):format(profile.sum(steps)) }
  add(lines, steps, "  ")
  return lines
end

return profile
