-- SPDX-License-Identifier: MIT
-- The reference, printed from the rows that run: as Markdown for docs/, as LuaCATS
-- definitions for editors (types/). Nothing in it is written twice.
local device = require "lunik.device"
local points = require "lunik.hook.points"
local scalar = require "lunik.machine.scalar"

local reference = {}

local function plain_default(row)
  local value = row.default
  if value == nil or type(value) == "function" or type(value) == "table" then return nil end
  if row.kind.text then value = row.kind.text(value) end
  return type(value) == "string" and ('"%s"'):format(value) or tostring(value)
end

local function cell(text) return (text:gsub("|", "\\|")) end

local function markdown_fields(rows, out)
  out[#out + 1] = "| field | holds | default | what |\n|---|---|---|---|"
  for _, row in ipairs(rows) do
    out[#out + 1] = ("| `%s` | %s | %s | %s |"):format(row[1],
      cell(row.kind.expects or row.kind.name),
      row.required and "required" or cell(plain_default(row) or ""), cell(row.doc or ""))
  end
  out[#out + 1] = ""
end

local function markdown_family(name, out)
  local family = device.family(name)
  out[#out + 1] = ("## %s\n\n%s%s.\n"):format(name, family.doc:sub(1, 1):upper(), family.doc:sub(2))
  for _, kind in ipairs(family.kinds) do
    local row = device.row(name, kind)
    if #family.kinds > 1 then
      out[#out + 1] = ("### %s { kind = \"%s\" }\n\n%s\n"):format(name, kind, row.doc)
    end
    markdown_fields(row.known, out)
  end
end

local function markdown_hooks(out)
  out[#out + 1] =
    "## Hooks\n\n| point | called with | phase | order | if it raises | when |\n"
      .. "|---|---|---|---|---|---|"
  for _, row in ipairs(points.rows) do
    out[#out + 1] = ("| `%s` | %s | %s | %s | %s | %s |"):format(row.name,
      table.concat(row.gets, ", "),
      row.phase, row.order, row.raise, cell(row.doc))
  end
  out[#out + 1] = "\nBy itself, while the machine runs:\n"
  for _, row in ipairs(points.routines) do
    out[#out + 1] = ("- `%s`: %s"):format(row.call, row.doc)
  end
  out[#out + 1] = ""
end

-- docs/reference.md
function reference.markdown()
  local out =
    { "# Recipe reference\n\n"
      .. "Printed by `make docs` from the rows that lunik runs; `lunik help WORD` shows the "
      .. "same.\n",
    "## machine\n\nThe machine's own fields. Items such as `disk { … }` stand among them.\n" }
  markdown_fields(scalar, out)
  for _, name in ipairs(device.families) do markdown_family(name, out) end
  markdown_hooks(out)
  return table.concat(out, "\n")
end

local lua_types = { string = "string", size = "string|table", int = "integer", bool = "boolean",
  id = "string",
  name = "string", path = "string", duration = "number|string", uuid = "string", mac = "string",
    one_of = "string",
  record = "table", forward = "table<string, integer|table>", ["bool|path"] = "boolean|string",
    ready = "string|fun(vm: table): any",
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
    out[#out + 1] = ("---@field %s%s %s %s"):format(row[1], row.required and "" or "?",
      type_of(row), row.doc or "")
  end
end

-- The fields of all kinds of a family, each once; none is required by all.
local function merged(name)
  local seen, rows = {}, {}
  for _, kind in ipairs(device.family(name).kinds) do
    for _, row in ipairs(device.row(name, kind).known) do
      if not seen[row[1]] then
        seen[row[1]] = true
        rows[#rows + 1] = { row[1], kind = row.kind, doc = row.doc }
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
  constructor("machine", "lunik.machine", "A machine; items stand among its fields.", out)
  constructor("part", "lunik.machine", "A piece of a machine.", out)
  for _, name in ipairs(device.families) do
    class("lunik." .. name, merged(name), out)
    constructor(name, "lunik." .. name, device.family(name).doc, out)
  end
  out[#out + 1] =
    "\n---Options of QEMU, typed.\n---@type table<string, fun(fields: table): lunik.item>\n"
      .. "qemu = {}\n"
  for _, word in ipairs { "raw", "device", "object" } do
    out[#out + 1] =
      ("---@param fields table\n---@return lunik.item\nfunction %s(fields) end\n"):format(word)
  end
  out[#out + 1] =
    "---@param seconds number|string\n---@param fn fun(vm: table)\n---@return lunik.item\n"
      .. "function every(seconds, fn) end\n"
  out[#out + 1] =
    "---@param folder string\n---@param fn fun(vm: table, change: table)\n---@return lunik.item\n"
      .. "function watch(folder, fn) end\n"
  out[#out + 1] =
    "---@param point string\n---@param hook fun(...)\n---@return lunik.item\n"
      .. "function on(point, hook) end\n"
  out[#out + 1] = "---@param name string\n---@return string?\nfunction env(name) end\n"
  out[#out + 1] = "---@param path string\n---@return string\nfunction read(path) end\n"
  for _, unit in ipairs { "KiB", "MiB", "GiB", "TiB" } do
    out[#out + 1] = ("---@param count number\n---@return table\nfunction %s(count) end\n"):format(
      unit)
  end
  out[#out + 1] =
    "---@type { arch: string, cpus: integer, memory: integer, user: string, run: fun(...) }\n"
      .. "host = {}"
  return table.concat(out, "\n") .. "\n"
end

return reference
