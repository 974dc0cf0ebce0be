-- SPDX-License-Identifier: MIT
-- `lunik mounts`: what a running guest has of the host's directories.
local colour = require "lunik.cli.colour"
local shown = require "lunik.cli.shown"

local function text(key)
  return function(one) return shown.text(one[key]) or "-" end
end

local function condition(one)
  return one.state .. (one.readonly and ", read-only" or "")
end

return require "lunik.cli.attached".listing {
  name = "mounts", summary = "list the directories that a guest has of the host's",
  example = "lunik mounts dev",
  more = { "lunik mounts dev --json" },
  columns = { { "TAG", text "tag" }, { "STATE", condition, colour.of_state },
              { "PORT", text "port" }, { "GUEST", text "to" }, { "HOST", text "from" } },
  none = function(name) return ("no mounts; lunik mount %s DIRECTORY makes one"):format(name) end,
}
