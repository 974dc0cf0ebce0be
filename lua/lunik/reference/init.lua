-- SPDX-License-Identifier: MIT
-- The reference, printed from the rows that run: as Markdown for docs/, as LuaCATS
-- definitions for editors (types/). Nothing in it is written twice.
local device = require "lunik.device"
local example = require "lunik.reference.example"
local events = require "lunik.reference.events"
local forked = require "lunik.device.forked"
local markdown = require "lunik.reference.markdown"
local points = require "lunik.hook.points"
local scalar = require "lunik.machine.scalar"
local words = require "lunik.reference.words"

local reference = {}

local function plain_default(row)
  local value = row.default
  if value == nil or type(value) == "function" or type(value) == "table" then return nil end
  if row.kind.text then value = row.kind.text(value) end
  return type(value) == "string" and ('"%s"'):format(value) or tostring(value)
end

local function markdown_fields(rows, out)
  local cells = {}
  for i, row in ipairs(rows) do
    local shown = example.field(row)
    cells[i] = { "`" .. row.name .. "`", row.kind.expects or row.kind.name,
      row.required and "required" or plain_default(row) or "", row.doc or "",
      shown and "`" .. shown .. "`" or "" }
  end
  markdown.table({ "field", "holds", "default", "what", "example" }, cells, out)
end

-- The first of the fields whose kind has more to tell in a member such as `forms`.
local function with(rows, member)
  for _, row in ipairs(rows) do
    if row.kind[member] then return row end
  end
end

-- Prints the forms of a field that has several, and what a policy sees and answers.
local function markdown_forms(name, rows, out)
  local several, policy = with(rows, "forms"), with(rows, "sees")
  if several then
    out[#out + 1] = ("### %s.%s\n"):format(name, several.name)
    markdown.forms({ "written", "means" }, several.kind.forms, out)
  end
  if policy then
    out[#out + 1] = "### Policies\n\n`function(vm, request) … end`, called before something is "
      .. "plugged. Those of several parts see it in written order, each as the last one left it, "
      .. "and the first refusal counts. What is left is checked anew.\n"
    markdown.forms({ "seen", "what" }, policy.kind.sees, out)
    markdown.forms({ "answered", "means" }, policy.kind.answers, out)
  end
end

local function markdown_family(name, out)
  local family = device.family(name)
  out[#out + 1] = ("## %s\n\n%s\n"):format(name, markdown.sentence(family.doc))
  if family.example then out[#out + 1] = ("```lua\n%s\n```\n"):format(family.example) end
  for _, kind in ipairs(family.kinds) do
    local row = device.row(name, kind)
    if #family.kinds > 1 then
      out[#out + 1] = ("### %s { kind = \"%s\" }\n\n%s\n"):format(name, kind, row.doc)
    end
    markdown_fields(row.known, out)
    markdown_forms(name, row.known, out)
  end
end

-- What each kind of device is in a clone of its machine.
local function markdown_forks(out)
  out[#out + 1] = "## Clones of a machine\n\nWhat becomes of each kind of device in the clones "
    .. "that `lunik fork` starts; what is refused is told at its line.\n"
  local cells = {}
  for _, name in ipairs(device.families) do
    local kinds = device.family(name).kinds
    for _, kind in ipairs(kinds) do
      local word, why = forked.word(device.row(name, kind))
      local what = #kinds > 1 and ('%s { kind = "%s" }'):format(name, kind) or name .. " { … }"
      cells[#cells + 1] = { "`" .. what .. "`", word, why or forked.DOCS[word] }
    end
  end
  markdown.table({ "device", "word", "in a clone" }, cells, out)
end

local ROADS = { "up", "template", "clone", "save", "restore", "fork", "down", "adopt" }

-- Which hooks a machine's way passes: one that was restored, and is adopted or restarted then, is a
-- machine like any other.
local function markdown_roads(out)
  local cells, head = {}, { "point" }
  for i, road in ipairs(ROADS) do head[i + 1] = points.roads[road] end
  for _, row in ipairs(table.move(points.beside, 1, #points.beside, #points.rows + 1,
                                  { table.unpack(points.rows) })) do
    local cell = { row.what or "`" .. row.name .. "`" }
    for j, road in ipairs(ROADS) do
      cell[j + 1] = points.passes(row.name, road) and "runs" or "–"
    end
    cells[#cells + 1] = cell
  end
  out[#out + 1] = "\nWhich of them run when, and what else of a recipe; a machine that was "
    .. "restored is adopted, stopped and restarted as any other. A start by a template makes that "
    .. "first, where there is none yet.\n"
  markdown.table(head, cells, out)
end

local function markdown_hooks(out)
  out[#out + 1] = "## Hooks\n"
  local cells = {}
  for i, row in ipairs(points.rows) do
    cells[i] = { "`" .. row.name .. "`", table.concat(row.gets, ", "), row.phase, row.order,
      row.raise, row.doc, "`" .. row.example .. "`" }
  end
  markdown.table({ "point", "called with", "phase", "order", "if it raises", "when", "example" },
    cells, out)
  markdown_roads(out)
end

-- docs/reference.md
function reference.markdown()
  local out = { "# Recipe reference\n\nPrinted by `make docs` from the rows that lunik runs; "
    .. "`lunik help WORD` shows the same.\n" }
  words.section(out)
  out[#out + 1] =
    "## machine\n\nThe machine's own fields. Items such as `disk { … }` stand among them.\n"
  markdown_fields(scalar, out)
  markdown_forms("machine", scalar, out)
  for _, name in ipairs(device.families) do markdown_family(name, out) end
  markdown_forks(out)
  markdown_hooks(out)
  events.section(out)
  return table.concat(out, "\n")
end

-- An event's row as text for the terminal.
reference.event = events.text

local lua_types = { string = "string", size = "string|table", int = "integer", bool = "boolean",
  id = "string",
  name = "string", path = "string", files = "string|string[]", duration = "number|string",
    uuid = "string", mac = "string", one_of = "string",
  record = "table", forward = "table<string, integer|table>", ["bool|path"] = "boolean|string",
    ready = "string|fun(vm: table): any", cpu = "string|table", cpus = "integer|table",
  firmware = "string|table", windows = "boolean|table", signs = "string|(string|table)[]",
    ["bool|int"] = "boolean|integer",
  policy = "fun(vm: table, request: table): table?, string?" }

local function type_of(row)
  local names = row.kind.names
  if not names then return lua_types[row.kind.name] or "string" end
  local quoted = {}
  for i, name in ipairs(names) do quoted[i] = ('"%s"'):format(name) end
  return table.concat(quoted, "|")
end

local function class(name, rows, out)
  out[#out + 1] = ("---@class %s"):format(name)
  for _, row in ipairs(rows) do
    local shown = example.field(row)
    out[#out + 1] = ("---@field %s%s %s %s%s"):format(row.name, row.required and "" or "?",
      type_of(row), row.doc or "", shown and "; for example: " .. shown or "")
  end
end

-- The fields of all kinds of a family, each once; none is required by all.
local function merged(name)
  local seen, rows = {}, {}
  for _, kind in ipairs(device.family(name).kinds) do
    for _, row in ipairs(device.row(name, kind).known) do
      if not seen[row.name] then
        seen[row.name] = true
        rows[#rows + 1] = { name = row.name, kind = row.kind, doc = row.doc,
          default = row.default, example = row.name ~= "kind" and row.example or nil }
      end
    end
  end
  return rows
end

local function constructor(word, class_name, doc, out)
  out[#out + 1] =
    ("\n---%s\n---@param fields %s\n---@return lunik.item\nfunction %s(fields) end\n"):format(
    doc, class_name, word)
end

-- types/recipe.lua: what a recipe's globals are, for lua-language-server.
function reference.types()
  local out = { "---@meta\n-- Printed by `make docs` from the rows that lunik runs.\n",
    "---@class lunik.item", "" }
  class("lunik.machine", scalar, out)
  for _, name in ipairs(device.families) do
    class("lunik." .. name, merged(name), out)
    constructor(name, "lunik." .. name, device.family(name).doc, out)
  end
  words.types(out)
  return table.concat(out, "\n")
end

return reference
