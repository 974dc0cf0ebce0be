-- SPDX-License-Identifier: MIT
-- Network cards, each with the backend that connects it.
local check = require "lunik.schema.check"

local nic = {
  kinds = { "user", "tap", "bridge" },
  unique = { "id", "mac" },
  doc = "a network card",
  example = 'nic { forward = { ssh = 22, ["8080"] = 80 } }',
}

local function key(forward)
  return ("%s %s:%d"):format(forward.protocol, forward.address, forward.port)
end

local function taken(seen, item, forward, problems)
  local where = "nic.forward." .. forward.name
  local before = forward.port ~= 0 and seen[key(forward)]
  if before then
    check.add(problems, item.at_of "forward", where,
      ("host port %d is already forwarded at %s"):format(
      forward.port, check.place(before.at_of "forward")))
  end
  if seen[forward.name] and seen[forward.name] ~= item then
    check.add(problems, item.at_of "forward", where, ("the name is already used at %s"):format(
      check.place(seen[forward.name].at_of "forward")))
  end
  seen[key(forward)], seen[forward.name] = item, item
end

-- Forwards of all cards share the host's ports, and their names are the machine's.
function nic.together(nics, _, problems)
  local seen = {}
  for _, item in ipairs(nics) do
    for _, forward in ipairs(item.forward or {}) do taken(seen, item, forward, problems) end
  end
end

return nic
