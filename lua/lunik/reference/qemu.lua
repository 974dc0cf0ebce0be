-- SPDX-License-Identifier: MIT
-- QEMU's options as text, from their rows: for `lunik help qemu.NAME` and docs/qemu.md.
local core = require "lunik.core"
local markdown = require "lunik.reference.markdown"
local qemu = require "lunik.qemu"
local quote = require "lunik.import.quote"
local sorted = require "lunik.text.sorted"

local reference = {}

local function versions(row)
  local parts = {}
  if row.since then parts[#parts + 1] = "from " .. row.since end
  if row.removed then parts[#parts + 1] = "removed in " .. row.removed end
  if row.deprecated then parts[#parts + 1] = "deprecated: " .. row.deprecated end
  if row.only then parts[#parts + 1] = table.concat(row.only, ", ") .. " only" end
  return #parts > 0 and " (" .. table.concat(parts, "; ") .. ")" or ""
end

local function default(key)
  if key.required then return " (required)" end
  return key.default ~= nil and (" [%s]"):format(tostring(key.default)) or ""
end

local function word(value)
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
  return tostring(value)
end

local function name(key)
  return quote.is_name(key) and key or ('["%s"]'):format(key)
end

local literal

local function members(value)
  local parts = {}
  for i, each in ipairs(value) do parts[i] = literal(each) end
  for _, key in ipairs(sorted(value)) do
    parts[#parts + 1] = name(key) .. " = " .. literal(value[key])
  end
  return table.concat(parts, ", ")
end

function literal(value)
  return type(value) == "table" and "{ " .. members(value) .. " }" or (word(value))
end

-- Examples of an option's arguments; one that takes none has one.
local function examples_of(row) return row.examples or row.grammar == "flag" and { {} } or {} end

-- An example as a recipe writes it, and as QEMU reads it.
local function example(row, args)
  local entry = assert(qemu.entry(row.name, args))
  local argv = entry.verbatim and { entry[1], entry.verbatim } or assert(core.argv.render { entry })
  local index = name(row.name)
  if index == row.name then index = "." .. index end
  local given = members(args)
  return ("qemu%s {%s}"):format(index, given ~= "" and " " .. given .. " " or ""),
    core.argv.shell(argv)
end

-- The examples of a row: a list of { as a recipe writes it, as QEMU reads it }.
function reference.examples(row)
  local list = {}
  for i, args in ipairs(examples_of(row)) do list[i] = { example(row, args) } end
  return list
end

local opens = { device = "the device's properties", object = "the object's properties",
  machine = "the board's properties", cpu = "the CPU's properties", block = "the driver's keys",
  plugin = "the plugin's arguments" }

local function value_line(row)
  if row.grammar == "flag" then return "takes no value" end
  if row.kind and not row.keys then return "takes " .. row.kind.expects end
  if row.implied then return "its first value is " .. row.implied end
end

-- Calls key(row of a key, form | nil) for each key, forms in order.
local function each_key(row, key)
  for _, each in ipairs(row.keys or {}) do key(each) end
  for _, form in ipairs(sorted(row.by or {})) do
    for _, each in ipairs(row.by[form]) do key(each, form) end
  end
end

-- Text for the terminal.
function reference.text(row)
  local out, last = { ("qemu.%s: %s%s"):format(row.name, row.doc or "", versions(row)) }, nil
  local value = value_line(row)
  if value then out[#out + 1] = "  " .. value end
  each_key(row, function(key, form)
    if form and form ~= last then
      out[#out + 1] = ("  %s \"%s\"%s"):format(row.discriminator or row.implied or "form", form,
        row.by[form].doc and ": " .. row.by[form].doc or "")
      last = form
    end
    out[#out + 1] = ("    %-20s %s%s%s"):format(key[1], key.doc or "", default(key), versions(key))
    out[#out + 1] = ("    %-20s   %s"):format("", key.kind.expects or "")
  end)
  if opens[row.open] then out[#out + 1] = "  and " .. opens[row.open] end
  for _, each in ipairs(reference.examples(row)) do
    out[#out + 1] = ("  for example: %s\n    %s"):format(each[1], each[2])
  end
  return table.concat(out, "\n") .. "\n"
end

-- One line for each option, by group.
function reference.overview()
  local out, group = {}, nil
  for _, row in ipairs(qemu.list()) do
    if row.group ~= group then
      group = row.group
      out[#out + 1] = group .. ":"
    end
    out[#out + 1] = ("  %-20s %s%s"):format(row.name, row.doc or "", versions(row))
  end
  return table.concat(out, "\n") .. "\n"
end

-- Cells of a key's line in the table of an option.
local function key_cells(key, form)
  return { form and "`" .. form .. "`" or "", "`" .. key[1] .. "`", key.kind.expects or "",
    key.required and "required" or key.default or "", (key.doc or "") .. versions(key) }
end

local heads = { "form", "key", "holds", "default", "what" }

local function markdown_row(row, out)
  out[#out + 1] = ("### %s\n\n%s%s."):format(row.name, row.doc or "", versions(row))
  local value = value_line(row)
  if value then
    out[#out + 1] = ("\nIt %s."):format(value:gsub("^its first value is", "begins with"))
  end
  local rows = {}
  each_key(row, function(key, form) rows[#rows + 1] = key_cells(key, form) end)
  if #rows > 0 then
    out[#out + 1] = ""
    markdown.table(heads, rows, out)
    out[#out] = nil
  end
  if opens[row.open] then out[#out + 1] = ("\nFurther keys are %s."):format(opens[row.open]) end
  for _, each in ipairs(reference.examples(row)) do
    out[#out + 1] = ("\n    %s\n    %s"):format(each[1], each[2])
  end
  out[#out + 1] = row.source and ("\nSource: %s.\n"):format(row.source) or ""
end

local heading = "# QEMU's options\n\n"
  .. "Printed by `make docs` from the rows that lunik runs; `lunik help qemu.NAME` shows the same. "
  .. "What changed between versions is in [qemu-versions.md](qemu-versions.md).\n\n"
  .. "Paths are seen from the recipe's folder, and absolute in the plan; what has to be there is "
  .. "looked for. Under `defaults = false` and in `raw` they stay as written, and QEMU runs in "
  .. "that folder.\n"

-- docs/qemu.md
function reference.markdown()
  local out, group = { heading }, nil
  for _, row in ipairs(qemu.list()) do
    if row.group ~= group then
      group = row.group
      out[#out + 1] = ("## %s\n"):format(group)
    end
    markdown_row(row, out)
  end
  return table.concat(out, "\n") .. "\n"
end

return reference
