-- SPDX-License-Identifier: MIT
-- Items and values of an outline as somebody would say them.
local device = require "lunik.device"
local digest = require "lunik.change.digest"
local kind = require "lunik.schema.kind"
local printable = require "lunik.text.printable"

local shown = {}

local LONGEST = 200
local ANOTHER = { ["a policy"] = "another policy", ["a function"] = "another function" }

function shown.name(item)
  return printable(item.name and item.family .. " " .. item.name or item.family)
end

local function text(value, sort)
  if value == nil then return "none" end
  local is_size = sort and sort.text == kind.size.text
  if is_size and math.type(value) == "integer" then return kind.size.text(value) end
  if type(value) == "table" and sort and sort.shown then return printable(sort.shown(value)) end
  if type(value) == "table" then value = digest.text(value) end
  return printable(kind.shortened(tostring(value), LONGEST))
end

function shown.text(value) return text(value) end

local function forward(one)
  return ("%s:%s:%s->%s"):format(one.protocol, one.address,
    one.port == 0 and "(chosen)" or text(one.port), text(one.guest))
end

local function forwards(list)
  local words = {}
  for i, one in ipairs(list) do words[i] = text(one.name) .. " " .. forward(one) end
  return words[1] and printable(table.concat(words, ", ")) or "none"
end

local function is_known(item)
  return device.family(item.family) and device.has(item.family, item.kind)
end

-- The row of a field of an item | nil, where this lunik knows none
function shown.row(item, field)
  for _, row in ipairs(is_known(item) and device.row(item.family, item.kind).known or {}) do
    if row.name == field then return row end
  end
end

-- A field's value.
function shown.value(value, item, field)
  local row = shown.row(item, field)
  if row and row.secret then return value and "a secret" or "none" end
  if row and row.policy then return value and "a policy" or "none" end
  if row and row.code then return value and "a function" or "none" end
  if field == "forward" and type(value) == "table" then return forwards(value) end
  return text(value, row and row.kind)
end

-- A field of two items of which each has another value: { field, before, after } | nil, where both
-- have none, in other words.
function shown.differs(was, is, item, field)
  local before, after = shown.value(was, item, field), shown.value(is, item, field)
  if before == "none" and after == "none" then
    if was ~= "none" and is ~= "none" then return nil end
    -- the word itself, against nothing
    if was == "none" then before = '"none"' else after = '"none"' end
  end
  if before == after and ANOTHER[before] then after = ANOTHER[before] end
  return { field = field, before = before, after = after }
end

-- A value of the machine's own.
function shown.scalar(value, row) return text(value, row.kind) end

-- The fields that somebody wrote, or that name it.
function shown.fields(item)
  local list = {}
  for _, field in ipairs(item.order or {}) do
    if (item.given or {})[field] ~= nil then
      list[#list + 1] = { field = field, after = shown.value(item.fields[field], item, field) }
    end
  end
  if item.text then list[1] = { after = text(item.text) } end
  return list
end

function shown.option(before, after)
  return { before = text(before.text), after = text(after.text) }
end

function shown.forward(one)
  return { { after = forward(one) } }
end

local SAID = { "%s: %s -> %s", "%s: %s" }

local function detail(one)
  local body = one.before and SAID[1]:format(one.field or "", one.before, one.after)
               or SAID[2]:format(one.field or "", one.after)
  return (body:gsub("^: ", ""))
end

-- A change as a line: "~ mount src: readonly: false -> true (waits for a restart: …)".
function shown.line(change)
  local words = {}
  for i, each in ipairs(change.details) do words[i] = detail(each) end
  local body = words[1] and ": " .. table.concat(words, ", ") or ""
  local why = change.why and " (" .. change.why .. ")" or ""
  return change.sign .. " " .. change.what .. body .. why
end

return shown
