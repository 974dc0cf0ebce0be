-- SPDX-License-Identifier: MIT
-- Composition: parts and lists become one flat draft. Scalars come in the order of
-- their precedence (parts in list order, then the machine's own, then --set), items in
-- the order in which they were written.
local check = require "lunik.check"
local core = require "lunik.core"
local item = require "lunik.item"
local kind = require "lunik.kind"

local compose = {}

-- Lua instructions that a hook of the reading phase may take.
local recipe_budget = 50000000

-- A list nested deeper than this contains itself.
local deepest = 100

local splice

local function scalars(draft, given, locate)
  local names = {}
  for name in pairs(given.fields) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local at = locate(given, name)
    draft.scalars[#draft.scalars + 1] = { name = name, value = given.fields[name],
      at = at and { at, table.unpack(given.at, 2) } or given.at }
  end
end

local function splice_item(draft, value, context)
  if value.word == "part" then
    splice(draft, value.fields, value, context)
    scalars(draft, value, context.locate)
  elseif value.word == "machine" then
    check.add(context.problems, value.at, "machine", "a machine inside a machine: a piece of one is part { … }")
  elseif value.word == "on" then
    draft.hooks[#draft.hooks + 1] = value
  else
    draft.items[#draft.items + 1] = value
  end
end

-- Puts the positional values of `list` in place; `owner` is the item they stand in.
function splice(draft, list, owner, context)
  context.depth = context.depth + 1
  if context.depth > deepest then
    check.add(context.problems, owner.at, owner.word, "a list that contains itself")
    context.depth = context.depth - 1
    return
  end
  for index, value in item.each_positional(list) do
    if item.is(value) then
      splice_item(draft, value, context)
    elseif type(value) == "table" and getmetatable(value) == nil then
      splice(draft, value, owner, context)
    elseif value then
      check.add(context.problems, owner.at, owner.word, ("value %d is %s: items such as disk { … } expected"):format(
        index, kind.show(value)))
    end
  end
  context.depth = context.depth - 1
end

local function configure(draft, raw, problems)
  for _, entry in ipairs(draft.hooks) do
    if entry.fields[1] == "configure" and type(entry.fields[2]) == "function" then
      local ok, why = core.slice.call(recipe_budget, entry.fields[2], raw.item.fields)
      if not ok then check.add(problems, entry.at, "on configure", check.reason(why)) end
    end
  end
end

local function flatten(raw, problems)
  local draft = { scalars = {}, items = {}, hooks = {} }
  local context = { locate = raw.locate, problems = problems, depth = 0 }
  splice(draft, raw.item.fields, raw.item, context)
  scalars(draft, raw.item, raw.locate)
  return draft
end

-- raw -> { scalars, items, hooks }. Hooks of the point `configure` see the machine's own
-- table first and may change it.
function compose.draft(raw, set, problems)
  local draft = flatten(raw, {})
  for _, entry in ipairs(draft.hooks) do
    if entry.fields[1] == "configure" then
      configure(draft, raw, problems)
      break
    end
  end
  draft = flatten(raw, problems)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    draft.scalars[#draft.scalars + 1] = { name = name, value = set[name], parse = true,
      at = { { file = "--set " .. name .. "=" .. set[name] } } }
  end
  return draft
end

return compose
