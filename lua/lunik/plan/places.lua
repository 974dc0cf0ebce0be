-- SPDX-License-Identifier: MIT
-- Where each option of a plan's live command line comes from, for when QEMU refuses one: a list of
-- plain { name, from = index of its first word, to = of its last, at, path, keys = { { key, value,
-- at, path } } }, `at` as text.
local check = require "lunik.schema.check"
local data = require "lunik.plan.data"
local pasted = require "lunik.qemu.pasted"
local place = require "lunik.plan.place"
local sorted = require "lunik.text.sorted"

local LONGEST = 4096       -- bytes of a value that is looked for

local function text_of(value)
  local kind = type(value)
  if kind == "table" or kind == "function" then return nil end
  return tostring(value):sub(1, LONGEST)
end

local function add_value(list, of, key, name, value)
  local text = text_of(value)
  local at, path = of(key, value)
  if text then list[#list + 1] = { name, text, check.place(at), path } end
end

-- The values of a key: those of a list are the key's, those of a group have its name before theirs.
local function add_values(list, of, key, name, value)
  if type(value) ~= "table" then return add_value(list, of, key, name, value) end
  for _, each in ipairs(value) do add_values(list, of, key, name, each) end
  for _, inner in ipairs(sorted(value)) do
    add_values(list, of, key, name .. "." .. inner, value[inner])
  end
end

-- A form's first word is its key of number 1.
local function keys_of(entry, of)
  local list, args = {}, pasted(entry.args or {})
  if args[1] ~= nil then add_value(list, of, 1, "1", args[1]) end
  for _, key in ipairs(sorted(args)) do add_values(list, of, key, key, args[key]) end
  return list
end

local function described(entry, machine, from, to)
  local of = place.of(entry, machine)
  local at, path = of()
  return { name = entry.row.name, from = from, to = to, at = check.place(at), path = path,
    keys = keys_of(entry, of) }
end

-- A raw word: one that begins with a dash is an option, others are its values.
local function add_word(list, word, from, of)
  local last = list[#list]
  if not of then return end
  local at, path = of()
  local text = check.place(at)
  if word:find "^%-" or not last or not last.raw then
    list[#list + 1] = { name = word:gsub("^%-+", ""), from = from, to = from, at = text,
      path = path, keys = {}, raw = true }
  else
    last.to = from
    table.insert(last.keys, { tostring(#last.keys + 1), word, text, path })
  end
end

-- The places of a plan that was made in this process.
return function(plan)
  local list, at = {}, 1
  local origins = plan.origins and plan.origins[plan.argv] or {}
  for i, entry in ipairs(plan.machine and plan.argv or {}) do
    local words = type(entry) == "string" and { entry } or data.words(entry)
    if not words then return list end
    if type(entry) == "string" then
      add_word(list, entry, at + 1, place.of_word(origins[i]))
    elseif entry.row then
      list[#list + 1] = described(entry, plan.machine, at + 1, at + #words)
    end
    at = at + #words
  end
  return list
end
