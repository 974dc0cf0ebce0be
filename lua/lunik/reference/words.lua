-- SPDX-License-Identifier: MIT
-- The words of a recipe from their rows: a section of docs/reference.md, and what editors know
-- of them.
local markdown = require "lunik.reference.markdown"
local words = require "lunik.recipe.words"

local reference = {}

local INTRO = [[
## The words of a recipe

Beside the families of devices below, a recipe has these words. `reading` is when the recipe is
read, also to check it only; `running` is in the hooks of a machine that runs.
]]

-- A word of a recipe, as `lunik help WORD` shows it.
function reference.text(row)
  local phases = { reading = "while the recipe is read", running = "while the machine runs",
                   both = "while the recipe is read, and while the machine runs" }
  return ("%s: %s\n  %s\n  for example: %s\n"):format(row.call, row.doc, phases[row.phase],
                                                     row.example)
end

-- The section of docs/reference.md.
function reference.section(out)
  out[#out + 1] = INTRO
  local rows = {}
  for i, row in ipairs(words.rows) do
    rows[i] = { "`" .. row.call .. "`", row.phase, row.doc, "`" .. row.example .. "`" }
  end
  markdown.table({ "word", "phase", "what", "example" }, rows, out)
  local own = words.lua:gsub("%S+", "`%0`"):gsub(" ", ", ")
  out[#out + 1] = "Of Lua's own names there are " .. own .. ". Those that could take long or much "
    .. "memory are bounded; none opens, writes or runs anything.\n"
end

local function is_member(row) return row.name:find(".", 1, true) end

local function annotated(row, out)
  out[#out + 1] = ("---%s"):format(row.doc)
  if row.type then
    out[#out + 1] = ("---@type %s\n%s = {}\n"):format(row.type, row.name)
    return
  end
  local names = {}
  for i, param in ipairs(row.params) do
    names[i] = param[1]
    out[#out + 1] = ("---@param %s %s"):format(param[1], param[2])
  end
  if row.returns then out[#out + 1] = "---@return " .. row.returns end
  out[#out + 1] = ("function %s(%s) end\n"):format(row.name, table.concat(names, ", "))
end

-- The words for lua-language-server. Those of Lua's own that have a row, it knows.
function reference.types(out)
  out[#out + 1] = "\n---@class lunik.host"
  for _, row in ipairs(words.rows) do
    local member = row.name:match "^host%.(.+)$"
    if member then
      out[#out + 1] = ("---@field %s %s %s"):format(member, row.type, row.doc)
    end
  end
  out[#out + 1] = ""
  for _, row in ipairs(words.rows) do
    if not is_member(row) and _G[row.name] == nil then annotated(row, out) end
  end
end

return reference
