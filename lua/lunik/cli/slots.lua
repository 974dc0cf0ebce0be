-- SPDX-License-Identifier: MIT
-- `lunik slots`: what sits in which port of a running machine.
local colour = require "lunik.cli.colour"

local function word(key)
  return function(one) return one[key] or "-" end
end

return require "lunik.cli.attached".listing {
  name = "slots", summary = "show what sits in the ports for hot plug",
  example = "lunik slots dev",
  more = { "lunik slots dev --json" },
  columns = { { "PORT", word "port" }, { "STATE", word "state", colour.of_state },
              { "WHAT", word "family" },
              { "NAME", word "label" }, { "ID", word "id" } },
  none = function() return "no ports: hotplug { ports = 16 } in its recipe makes some" end,
}
