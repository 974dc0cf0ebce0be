-- SPDX-License-Identifier: MIT
-- Prints items as a recipe that a person would keep: one item a line where it fits, in the
-- order of the command line, with what there is to say about it above.
local default = require "lunik.import.default"
local printable = require "lunik.text.printable"
local quote = require "lunik.import.quote"
local sorted = require "lunik.text.sorted"

local recipe = {}

local width = 96

-- Makes comments of any text, which stays on its line.
local function comment(out, indent, text)
  local line = indent .. "--"
  for word in printable(text):gmatch "%S+" do
    if #line + #word + 1 > width and #line > #indent + 2 then
      out[#out + 1] = line
      line = indent .. "--"
    end
    line = line .. " " .. word
  end
  out[#out + 1] = line
end

local function flat(part) return type(part) == "table" and part.flat or part end

local function joined(parts)
  local texts = {}
  for i, part in ipairs(parts) do texts[i] = flat(part) end
  return table.concat(texts, ", ")
end

local braced

-- Puts as many parts on each line as fit; a table that is too long for one gets its own lines.
local function fill(out, indent, parts)
  local line = indent
  for _, part in ipairs(parts) do
    local text = flat(part)
    if #line + #text + 2 > width and line ~= indent then
      out[#out + 1] = line
      line = indent
    end
    if type(part) == "table" and #part.parts > 0 and #line + #text + 1 > width then
      braced(out, indent, part.head, part.parts)
    else
      line = line .. (line == indent and "" or " ") .. text .. ","
    end
  end
  if line ~= indent then out[#out + 1] = line end
end

-- `head{ parts },` on one line, or opened.
function braced(out, indent, head, parts)
  local text = joined(parts)
  local line = #parts == 0 and ("%s%s{},"):format(indent, head)
    or ("%s%s{ %s },"):format(indent, head, text)
  if #line <= width or #parts == 1 and type(parts[1]) == "string" then
    out[#out + 1] = line
    return
  end
  out[#out + 1] = indent .. head .. "{"
  fill(out, indent .. "  ", parts)
  out[#out + 1] = indent .. "},"
end

local function head_of(name)
  return quote.is_name(name) and "qemu." .. name .. " " or ("qemu[%s] "):format(quote.string(name))
end

local function raw_parts(words)
  local parts = {}
  for i, word in ipairs(words) do parts[i] = quote.string(word) end
  return parts
end

local function print_option(out, item, notes)
  for _, note in ipairs(notes) do comment(out, "  ", note) end
  braced(out, "  ", head_of(item.row.name), item.parts)
end

-- The lines of an option, printed once: in a batch it comes again and again.
local function printed(made)
  if not made.printed then
    local out = {}
    print_option(out, made, made.notes)
    made.printed = table.concat(out, "\n")
  end
  return made.printed
end

local function print_item(out, item)
  if item.left_out then
    local text = ("%s: %s"):format(item.left_out, item.raw)
    out[#out + 1] = ("  todo %s,"):format(quote.string(text))
  elseif item.console then
    for _, note in ipairs(item.notes) do comment(out, "  ", note) end
    out[#out + 1] = "  console {},"
  elseif item.raw then
    for _, note in ipairs(item.notes or {}) do comment(out, "  ", note) end
    comment(out, "  ", item.raw)
    braced(out, "  ", "raw ", raw_parts(item.words))
  elseif rawget(item, "notes") then
    print_option(out, item, item.notes)
  else
    out[#out + 1] = printed(item.made)
  end
end

local function value_text(value)
  if type(value) == "table" then
    local words = {}
    for i, name in ipairs(sorted(value)) do
      words[i] = ("%s = %s"):format(name, quote.string(value[name]))
    end
    return ("{ %s }"):format(table.concat(words, ", "))
  end
  return type(value) == "string" and quote.string(value) or tostring(value)
end

local function print_fields(out, fields)
  for _, field in ipairs(fields) do
    for _, note in ipairs(field.notes or {}) do comment(out, "  ", note) end
    local text = field.item and default.text(field[2], field.item.clear)
    out[#out + 1] = ("  %s = %s,"):format(field[1], text or value_text(field[2]))
  end
end

-- The lines of fields, and of items, as they stand in a recipe.
function recipe.lines(fields, items)
  local out, more = {}, {}
  print_fields(out, fields)
  for _, item in ipairs(items) do print_item(more, item) end
  return table.concat(out, "\n"), table.concat(more, "\n")
end

-- The names of the variables that the recipe asks the environment for wherever the script did.
local function asked(about)
  local names = {}
  local function note(item, used)
    for _, each in ipairs(item and rawget(item, "there") or {}) do
      local said = false
      for _, one in ipairs(used) do said = said or one == each end
      names[each[1]] = said and names[each[1]] ~= false
    end
  end
  for _, field in ipairs(about.fields) do
    local _, each = default.text(field[2], field.item and field.item.clear)
    note(field.item, { each })
  end
  for _, item in ipairs(about.items) do note(item, rawget(item, "used") or {}) end
  return names
end

-- The comments on top, but for those on defaults that the recipe keeps.
function recipe.head(about)
  local names, out = nil, {}
  for _, line in ipairs(about.head) do
    local name = line:match "^%$([%w_]+) is not set here: its default is taken$"
    names = names or name and asked(about)
    if not name or not names[name] then out[#out + 1] = line end
  end
  return out
end

-- about: head = comments on top, fields = { { name, value, notes } }, items
function recipe.text(about)
  local out = {}
  for _, line in ipairs(recipe.head(about)) do comment(out, "", line) end
  out[#out + 1] = "return machine {"
  print_fields(out, about.fields)
  if #about.items > 0 then out[#out + 1] = "" end
  for _, item in ipairs(about.items) do print_item(out, item) end
  out[#out + 1] = "}\n"
  return table.concat(out, "\n")
end

return recipe
