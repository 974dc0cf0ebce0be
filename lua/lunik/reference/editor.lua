-- SPDX-License-Identifier: MIT
-- Types for editors (LuaCATS) beside those of a recipe's words: a class for each option of QEMU, a
-- class for each event with its data, and the hook points with what they are called with.
local events = require "lunik.hook.events"
local points = require "lunik.hook.points"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"

local editor = {}

local HEAD = "---@meta\n-- Printed by `make docs` from the rows that lunik runs.\n"

-- By the name of a kind; what is not here is text to Lua.
local TYPES = { on_off = "boolean", bool = "boolean", int = "integer|string",
                count = "integer|string", port = "integer|string", size = "integer|string",
                text = "string|integer", bytes = "integer|string", number = "number|string" }

local function quoted(names)
  local out = {}
  for i, name in ipairs(names) do out[i] = ("%q"):format(name) end
  return table.concat(out, "|")
end

local function type_of(key)
  local kind = key.kind or {}
  local one = TYPES[kind.name] or "string"
  if kind.name == "on_off_or" then one = "boolean|" .. quoted(kind.names)
  elseif kind.name == "one_of" and kind.names then one = quoted(kind.names) end
  return key.repeats and ("%s|(%s)[]"):format(one, one) or one
end

local function line(text) return ((text or ""):gsub("%s+", " ")) end

-- A key as a recipe writes it: what is no name in brackets.
local function written(name)
  local word = name:gsub("%-", "_")
  return word:find "^[%a_][%w_]*$" and word or ("[%q]"):format(name)
end

local function note(key)
  local notes = { key.doc }
  if key.forms then notes[#notes + 1] = "(" .. table.concat(key.forms, ", ") .. ")" end
  if key.since then notes[#notes + 1] = "(since QEMU " .. key.since .. ")" end
  if key.removed then notes[#notes + 1] = "(until QEMU " .. key.removed .. ")" end
  return line(table.concat(notes, " "))
end

-- The keys of all forms, each once: a form's own say whose they are.
local function keys_of(row)
  local list, seen = {}, {}
  local function add(key, form)
    local known = seen[key[1]]
    if known and known.forms and form then known.forms[#known.forms + 1] = form end
    if known or key[1]:find("*", 1, true) then return end
    known = setmetatable({ forms = form and { form } or nil, required = not form and key.required },
                         { __index = key })
    seen[key[1]], list[#list + 1] = known, known
  end
  for _, key in ipairs(row.keys or {}) do add(key) end
  for _, form in ipairs(sorted(row.by or {})) do
    for _, key in ipairs(row.by[form]) do add(key, form) end
  end
  return list
end

local function class_of(name) return "lunik.qemu." .. name:gsub("%-", "_") end

local function first_type(row)
  local forms = row.by and sorted(row.by) or {}
  for _, key in ipairs(row.keys or {}) do
    if key[1] == row.implied then return type_of(key) end
  end
  return #forms > 0 and quoted(forms) .. "|string" or row.kind and type_of(row) or "string|integer"
end

local function option_class(row, out)
  out[#out + 1] = ("---%s\n---@class %s"):format(line(row.doc), class_of(row.name))
  if row.grammar ~= "flag" then
    out[#out + 1] = ("---@field [1]? %s %s"):format(first_type(row), row.implied or "")
  end
  for _, key in ipairs(keys_of(row)) do
    out[#out + 1] = ("---@field %s%s %s %s"):format(written(key[1]),
      key.required and row.implied ~= key[1] and "" or "?", type_of(key), note(key))
  end
  -- what only the binary knows
  if row.open then out[#out + 1] = "---@field [string] any" end
  out[#out + 1] = ""
end

-- types/qemu.lua
function editor.options()
  local out, members = { HEAD }, {}
  for _, row in ipairs(qemu.list()) do
    option_class(row, out)
    members[#members + 1] = ("---@field %s fun(args%s: %s): lunik.item %s"):format(
      written(row.name), row.grammar == "flag" and "?" or "", class_of(row.name), line(row.doc))
  end
  out[#out + 1] = "---@class lunik.qemu\n" .. table.concat(members, "\n") .. "\n"
  return table.concat(out, "\n")
end

local function event_class(row, out)
  out[#out + 1] = ("---%s\n---@class lunik.event.%s: lunik.event"):format(line(row.doc), row.name)
  for _, member in ipairs(row.carries or {}) do
    out[#out + 1] = ("---@field %s%s %s %s"):format(
      member.name:find "^[%a_][%w_]*$" and member.name or ("[%q]"):format(member.name),
      member.optional and "?" or "", member.values and quoted(member.values) or member.type,
      line(member.doc))
  end
  out[#out + 1] = ""
end

local GIVEN = { vm = "lunik.vm", event = "lunik.event" }

local function hook(name, doc, gets, out)
  local given = {}
  for i, each in ipairs(gets) do
    given[i] = ("%s: %s"):format(each, type(each) == "string" and GIVEN[each] or "table")
  end
  out[#out + 1] = ("---%s\n---@param point %q\n---@param fn fun(%s)\n---@return lunik.item\n"
    .. "function on(point, fn) end\n"):format(line(doc), name, table.concat(given, ", "))
end

-- types/hooks.lua
function editor.hooks()
  local out = { HEAD, "---@class lunik.event\n---@field event string its name\n"
    .. "---@field timestamp table when it came: seconds, microseconds\n---@field data table\n" }
  for _, row in ipairs(events.rows) do event_class(row, out) end
  for _, row in ipairs(points.rows) do
    hook(row.name, row.doc .. "; for example: " .. row.example, row.gets, out)
  end
  for _, row in ipairs(events.rows) do
    if not row.lunik then
      out[#out + 1] = ("---%s\n---@param point %q\n---@param fn fun(vm: lunik.vm, "
        .. "event: lunik.event.%s)\n---@return lunik.item\nfunction on(point, fn) end\n"):format(
        line(row.doc), row.name, row.name)
    end
  end
  return table.concat(out, "\n")
end

return editor
