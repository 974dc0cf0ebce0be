-- SPDX-License-Identifier: MIT
-- Where an entry of a plan's command line comes from. It is written down when the entry is added,
-- never found out afterwards (lunik.plan, plan:add):
--   { field = row, at = where the recipe has it | nil: a default, note = why that default,
--     hook = the hook of `configure` that set it, also = places of options merged into it }
--   { need = row, askers = { { about, kind, at } } }
--   { item = one }              a device, an option, or raw words of the recipe
--   { hook = at, option = name }    added by a hook of the point `plan`
--   { own = why }               lunik's own
-- `keys` has what single keys come from, where that is something else.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local need = require "lunik.machine.need"
local scalar = require "lunik.machine.scalar"

local origin = {}

local function row_of(rows, name)
  for _, row in ipairs(rows) do
    if row.name == name then return row end
  end
end

-- The origin of what a field of the machine brings.
function origin.field(machine, row)
  local name = row.name
  return { field = row, at = machine.written[name], note = machine.chosen[name],
    hook = machine.configured[name], also = machine.merged[name] }
end

-- The origin of what a need brings: all that ask for it.
function origin.need(machine, row) return { need = row, askers = machine.asked[row.name] or {} } end

-- What a need or a field of that name brings, where another field emits it.
local function because(machine, name)
  local row = row_of(need, name)
  return row and origin.need(machine, row) or origin.field(machine, row_of(scalar, name))
end

-- `cause` is the name of a need or of a field that the whole entry is there for, or a table of such
-- names by keys; without one all is as `usual` says.
function origin.of(machine, usual, cause)
  if type(cause) ~= "table" then return cause and because(machine, cause) or usual end
  if next(cause) == nil then return usual end
  local keys = {}
  for key, name in pairs(cause) do keys[key] = because(machine, name) end
  return setmetatable({ keys = keys }, { __index = usual })
end

-- "nic" of a family with one kind, else 'nic { kind = "tap" }'
local function named(family, kind)
  local kinds = kind and device.family(family).kinds or {}
  return #kinds > 1 and ("%s { kind = \"%s\" }"):format(family, kind) or family
end

local function placed(at, text)
  local where = check.place(at)
  return where ~= "" and where .. ": " .. text or text
end

local function field_text(self)
  local name = "machine." .. self.field.name
  if self.hook then return placed(self.hook, name .. ", set by a hook of configure") end
  if self.at then return placed(self.at, name) end
  local why = self.note and ": " .. self.note:gsub("^" .. self.field.name .. ": ", "") or ""
  return ("%s, not in the recipe: its default%s"):format(name, why)
end

local function also(self)
  local places = {}
  for i, at in ipairs(self.also or {}) do places[i] = check.place(at) end
  return #places > 0 and (", and what stands at %s"):format(table.concat(places, ", ")) or ""
end

local function need_text(self)
  local who = {}
  for i, each in ipairs(self.askers) do who[i] = placed(each.at, named(each.about, each.kind)) end
  return ("%s need%s %s"):format(table.concat(who, ", "), #who > 1 and "" or "s", self.need.doc)
end

local function item_text(one)
  if one.raw then return placed(one.at, "raw") end
  if one.option then return placed(one.at, "qemu." .. one.option) end
  local what = named(one.family, one.kind)
  if one.unwritten then return what .. ", not in the recipe: every machine has one" end
  return placed(one.at, what)
end

-- The origin as a line of text.
function origin.text(self)
  if self.own then return "lunik itself: " .. self.own end
  if self.field then return field_text(self) .. also(self) end
  if self.need then return need_text(self) end
  if self.option then
    return placed(self.hook, ("qemu.%s, added by a hook of plan"):format(self.option))
  end
  return item_text(self.item)
end

-- Its sort in one word.
function origin.sort(self)
  if self.own then return "lunik" end
  if self.need then return "need" end
  if self.hook then return "hook" end
  if self.field and not self.at or self.item and self.item.unwritten then return "default" end
  local at = self.at or self.item.at
  return at and at[1] and not at[1].line and "set" or "recipe"
end

-- The lines of the recipe that brought it: { { file, line } }
function origin.places(self)
  local list = {}
  local function add(at) list[#list + 1] = at and at[1] end
  for _, each in ipairs(self.askers or {}) do add(each.at) end
  if self.need or origin.sort(self) == "default" then return list end
  add(self.hook or self.at or self.item and self.item.at)
  for _, at in ipairs(self.also or {}) do add(at) end
  return list
end

-- What the device or the field is, in a line | nil
function origin.doc(self)
  if self.field then return self.field.doc end
  return self.item and self.item.row and self.item.row.doc
end

origin.NO_DEFAULTS = {
  own = "nothing of the host's configuration, and nothing that is not asked for" }

origin.LOCK = { own = "pinned by the lock beside the recipe" }

origin.SAVED = { own = "what the saved machine has" }

-- The program is named by a field, or by the guest's architecture.
function origin.program(machine)
  return origin.field(machine, row_of(scalar, machine.qemu and "qemu" or "arch"))
end

-- What every machine is held by.
function origin.sandbox(machine) return origin.field(machine, row_of(scalar, "sandbox")) end

return origin
