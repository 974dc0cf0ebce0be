-- SPDX-License-Identifier: MIT
-- Prints items as a recipe that a person would keep: one item a line where it fits, in the
-- order of the command line, with what there is to say about it above.
local printable = require "lunik.text.printable"
local quote = require "lunik.import.quote"

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
    comment(out, "  ", ("left out: %s: %s"):format(item.left_out, item.raw))
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
  return type(value) == "string" and quote.string(value) or tostring(value)
end

local function print_fields(out, fields)
  for _, field in ipairs(fields) do
    for _, note in ipairs(field.notes or {}) do comment(out, "  ", note) end
    out[#out + 1] = ("  %s = %s,"):format(field[1], value_text(field[2]))
  end
end

-- The lines of fields, and of items, as they stand in a recipe.
function recipe.lines(fields, items)
  local out, more = {}, {}
  print_fields(out, fields)
  for _, item in ipairs(items) do print_item(more, item) end
  return table.concat(out, "\n"), table.concat(more, "\n")
end

-- about: head = comments on top, fields = { { name, value, notes } }, items
function recipe.text(about)
  local out = {}
  for _, line in ipairs(about.head) do comment(out, "", line) end
  out[#out + 1] = "return machine {"
  print_fields(out, about.fields)
  if #about.items > 0 then out[#out + 1] = "" end
  for _, item in ipairs(about.items) do print_item(out, item) end
  out[#out + 1] = "}\n"
  return table.concat(out, "\n")
end

return recipe
