-- SPDX-License-Identifier: MIT
-- Composition: parts and lists become one flat draft. Scalars come in the order of
-- their precedence (parts in list order, then the machine's own, then --set), items in
-- the order in which they were written.
local budget = require "lunik.schema.budget"
local check = require "lunik.schema.check"
local item = require "lunik.schema.item"
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"
local safe = require "lunik.recipe.safe"
local sorted = require "lunik.text.sorted"

local compose = {}

-- A list nested deeper than this contains itself.
local deepest = 100

local is_hook = { on = true, every = true, watch = true, provision = true }

local splice

local function scalars(draft, owner, context)
  for _, name in ipairs(plain.keys(owner.fields) or {}) do
    if type(name) == "string" then
      local at = context.locate(owner, name)
      draft.scalars[#draft.scalars + 1] = { name = name,
        value = plain.copy(owner.fields[name], context.counted),
        at = at and { at, table.unpack(owner.at, 2) } or owner.at }
    end
  end
end

local function add(list, opened, context)
  local fields, why = plain.fields(opened.fields, context.counted)
  if not fields then
    check.add(context.problems, opened.at, opened.word, why .. ": a plain table expected")
  else
    list[#list + 1] = { word = opened.word, fields = fields, at = opened.at }
  end
end

local function splice_item(draft, opened, context)
  budget.at(opened.at)
  if opened.word == "part" then
    splice(draft, opened.fields, opened, context, true)
    scalars(draft, opened, context)
  elseif opened.word == "machine" then
    check.add(context.problems, opened.at, "machine",
      "a machine inside a machine: a piece of one is part { … }")
  else
    add(is_hook[opened.word] and draft.hooks or draft.items, opened, context)
  end
end

-- Adds a problem about a list that cannot be spliced, once for each owner and reason.
local function refuse(owner, why, context)
  local said = context.said[owner] or {}
  if not said[why] then check.add(context.problems, owner.at, owner.word, why) end
  said[why], context.said[owner] = true, said
end

local function splice_value(draft, key, value, owner, context)
  local opened = item.open(value)
  context.counted.n = context.counted.n + 1
  if opened then
    splice_item(draft, opened, context)
  elseif type(value) == "table" then
    splice(draft, value, owner, context)
  elseif value then
    check.add(context.problems, owner.at, owner.word,
      ("value %d is %s: items such as disk { … } expected"):format(
      key, kind.show(value)))
  end
end

-- The keys of a list in the order of splicing, or nil and why it is none.
local function keys_of(list, context)
  if context.depth > deepest then return nil, "a list that contains itself" end
  if debug.getmetatable(list) then
    return nil, "a table with a metatable: a plain table expected"
  end
  return plain.keys(list)
end

-- Puts the positional values of `list` in place; `owner` is the item they stand in, and
-- `named` says that the list may have names: a machine's or a part's scalars.
function splice(draft, list, owner, context, named)
  context.depth = context.depth + 1
  local keys, why = keys_of(list, context)
  if not keys then refuse(owner, why, context) end
  for _, key in ipairs(keys or {}) do
    if context.counted.n > plain.most then
      refuse(context.root, ("more than %d values"):format(plain.most), context)
      break
    elseif math.type(key) == "integer" then
      splice_value(draft, key, list[key], owner, context)
    elseif not named then
      refuse(owner, ("no place for %s in a list of items"):format(kind.show(key)), context)
    end
  end
  context.depth = context.depth - 1
end

-- The fields of `now` that are not what they were in `before`.
local function changed(before, now)
  local names = {}
  for _, each in ipairs { before, now } do
    for name in next, each do
      if type(name) == "string" and not rawequal(rawget(before, name), rawget(now, name)) then
        names[name] = true
      end
    end
  end
  return names
end

local function shallow(fields)
  local out = {}
  for name, value in next, fields do out[name] = value end
  return out
end

-- Calls them; which hook has set which field is written down in draft.configured.
local function configure(draft, raw, problems)
  draft.configured = {}
  for _, entry in ipairs(draft.hooks) do
    if entry.word == "on" and entry.fields[1] == "configure"
      and type(entry.fields[2]) == "function" then
      local before = shallow(raw.item.fields)
      local ok, why, message = safe.call(entry.fields[2], raw.item.fields)
      for name in pairs(changed(before, raw.item.fields)) do draft.configured[name] = entry.at end
      if not ok then check.raised(problems, entry.at, "on configure", why, message) end
    end
  end
end

local function flatten(raw, problems)
  local draft = { scalars = {}, items = {}, hooks = {} }
  local context = { locate = raw.locate, root = raw.item, problems = problems, depth = 0,
    counted = { n = 0 },
    said = {} }
  splice(draft, raw.item.fields, raw.item, context, true)
  if not debug.getmetatable(raw.item.fields) then scalars(draft, raw.item, context) end
  return draft
end

-- Hooks of the point `configure` see the machine's own table first and may change it; then
-- it is read again.
local function configured(raw, problems)
  local found = {}
  local draft = flatten(raw, found)
  for _, entry in ipairs(draft.hooks) do
    if entry.fields[1] == "configure" then
      configure(draft, raw, problems)
      local made = flatten(raw, problems)
      made.configured = draft.configured
      return made
    end
  end
  table.move(found, 1, #found, #problems + 1, problems)
  return draft
end

-- raw -> { scalars, items, hooks }.
function compose.draft(raw, set, problems)
  local draft = configured(raw, problems)
  for _, name in ipairs(sorted(set)) do
    draft.scalars[#draft.scalars + 1] = { name = name, value = set[name], parse = true,
      at = { { file = "--set " .. name .. "=" .. set[name] } } }
  end
  return draft
end

return compose
