-- SPDX-License-Identifier: MIT
-- The names that a recipe sees beside Lua's, as luacheck wants them: in a .luacheckrc,
--   stds.recipe = dofile ".../types/luacheck.lua"
--   files["vm.lua"] = { std = "lua54+recipe" }
local device = require "lunik.device"
local qemu = require "lunik.qemu"
local words = require "lunik.recipe.words"

local HEAD = "-- Printed by `make docs` from the rows that lunik runs: a std for luacheck.\n"
local WIDTH = 100

-- Names as lines of a list, quoted.
local function listed(names, indent)
  local lines, line = {}, indent
  for _, name in ipairs(names) do
    local word = ("%q, "):format(name)
    if #line + #word > WIDTH then lines[#lines + 1], line = line:gsub(" $", ""), indent end
    line = line .. word
  end
  lines[#lines + 1] = line:gsub(" $", "")
  return table.concat(lines, "\n") .. "\n"
end

-- The global names, and the members of those that have some: name -> list
local function known()
  local names, members, seen = {}, {}, {}
  local function add(name)
    if not seen[name] and _G[name] == nil then names[#names + 1], seen[name] = name, true end
  end
  for _, name in ipairs(device.families) do add(name) end
  for _, row in ipairs(words.rows) do
    local owner, member = row.name:match "^([^.]+)%.(.+)$"
    if owner and _G[owner] == nil then
      members[owner] = members[owner] or {}
      table.insert(members[owner], member)
    elseif not owner then
      add(row.name)
    end
  end
  return names, members
end

local function options()
  local list = {}
  for _, row in ipairs(qemu.list()) do
    list[#list + 1] = row.name
    local short = row.name:gsub("%-", "_")
    if short ~= row.name then list[#list + 1] = short end
  end
  table.sort(list)
  return list
end

local function fields(name, list)
  local out = { ("    %s = { fields = {\n"):format(name) }
  for _, each in ipairs(list) do out[#out + 1] = ("      [%q] = {},\n"):format(each) end
  out[#out + 1] = "    } },\n"
  return table.concat(out)
end

-- types/luacheck.lua
return function()
  local names, members = known()
  members.qemu = options()
  local plain, out = {}, { HEAD, "return {\n  read_globals = {\n" }
  for _, name in ipairs(names) do
    if not members[name] then plain[#plain + 1] = name end
  end
  table.sort(plain)
  out[#out + 1] = listed(plain, "    ")
  for _, name in ipairs(require "lunik.text.sorted"(members)) do
    out[#out + 1] = fields(name, members[name])
  end
  out[#out + 1] = "  },\n}\n"
  return table.concat(out)
end
