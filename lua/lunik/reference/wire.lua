-- SPDX-License-Identifier: MIT
-- Examples of the control socket's commands: what goes over the wire where a program does what the
-- method's own example does, `example` of its row in Lua; or the arguments that the row shows.
local core = require "lunik.core"
local facade = require "lunik.vm.facade"
local sorted = require "lunik.text.sorted"
local spelling = require "lunik.control.wire"

local wire = {}

-- What a call asks for, by its arguments' names: the call is made, and refused.
local function asked_by(row)
  local asked
  local vm = facade.new({ name = "dev" }, row.only or "attached", function(called)
    return function(_, arguments)
      if called.name == row.name then asked = arguments end
      return nil, "nobody is there"
    end
  end, {})
  -- whatever the example takes from around it
  local around = setmetatable({ vm = vm },
    { __index = function() return core.json.object {} end })
  pcall(assert(load(row.example, "=example", "t", around)))
  return assert(asked, row.example)
end

-- The arguments as JSON, by name.
local function arguments(row)
  local asked = type(row.example) == "table" and row.example or asked_by(row)
  local encoded, parts = spelling.encode(asked, row.bytes_taken), {}
  for i, name in ipairs(sorted(encoded)) do
    parts[i] = ("%s: %s"):format(core.json.encode(name), core.json.encode(encoded[name]))
  end
  return table.concat(parts, ", ")
end

-- A line that a client sends.
function wire.example(row)
  local shown = arguments(row)
  return ('{"execute": "%s"%s}'):format(row.wire,
    shown ~= "" and (', "arguments": {%s}'):format(shown) or "")
end

return wire
