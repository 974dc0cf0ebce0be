-- SPDX-License-Identifier: MIT
-- Which module each option's row lives in, found by loading them all: for `make docs`, which
-- writes the answer to index.lua, so that a program loads only the rows that it uses.
local modules = {}

-- The groups, in the manual's order: a file each, and one word here.
local groups = { "standard", "block", "usb", "display", "i386", "network", "character", "tpm",
  "boot", "debug", "generic" }

local function rows_of(value)
  if type(value) ~= "table" then return {} end
  if type(value[1]) == "string" and value.grammar then return { value } end
  return type(value[1]) == "table" and value[1].grammar and value or {}
end

-- Whether a module is nearer to a row than the one known so far: the one with fewer rows, of two
-- that have as many the one that lies deeper.
local function is_nearer(module, size, known)
  if not known or size ~= known.size then return not known or size < known.size end
  return #module > #known.module
end

-- A list of { name, group, module } in the manual's order.
function modules.list()
  local home = {}
  for _, group in ipairs(groups) do require("lunik.qemu." .. group) end
  for name, value in pairs(package.loaded) do
    local short = name:match "^lunik%.qemu%.(.+)$"
    local rows = short and rows_of(value) or {}
    for _, row in ipairs(rows) do
      -- the module that has the row and the least beside it
      if type(row) == "table" and is_nearer(short, #rows, home[row]) then
        home[row] = { module = short, size = #rows }
      end
    end
  end
  local list = {}
  for _, group in ipairs(groups) do
    for _, row in ipairs(rows_of(require("lunik.qemu." .. group))) do
      if type(row) == "table" then list[#list + 1] = { row[1], group, home[row].module } end
    end
  end
  return list
end

local header = [[
-- SPDX-License-Identifier: MIT
-- Printed by `make docs` from the rows: option, group and module, in the manual's order.
return {]]

-- index.lua
function modules.text()
  local out = { header }
  for _, each in ipairs(modules.list()) do
    out[#out + 1] = ('  { "%s", "%s", "%s" },'):format(each[1], each[2], each[3])
  end
  return table.concat(out, "\n") .. "\n}\n"
end

return modules
