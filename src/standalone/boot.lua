-- SPDX-License-Identifier: MIT
-- What the executable of src/standalone/main.c does first: its modules are in its own file, which
-- stays open, so that what is loaded later comes from the same build.
local program = arg[0]
local here = program:match "^(.*)/[^/]*$"
-- extensions are found beside it and where Lua looks for them, in absolute places only
local kept = { here .. "/share/?.lua", here .. "/share/?/init.lua" }
for template in package.path:gmatch "[^;]+" do
  if template:sub(1, 1) == "/" then kept[#kept + 1] = template end
end
package.path, package.cpath = table.concat(kept, ";"), here .. "/?.so"

local core = require "lunik.core"
local file = assert(io.open("/proc/self/exe", "rb"))
file:seek("end", -20)
file:seek("set", math.tointeger(tonumber(file:read(20))))
local places = assert(load(file:read(math.tointeger(file:read "l")), "=modules", "b"))()
local first = file:seek()
table.insert(package.searchers, 2, function(name)
  local place = places[name]
  if not place then return end
  return assert(core.chunk.load(file, first + (place >> 24), place & 0xffffff, "=" .. name))
end)
assert(core.proc.standard())
require "lunik.program".is_whole()
os.exit(require "lunik.cli".main(arg))
