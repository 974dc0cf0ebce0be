-- SPDX-License-Identifier: MIT
-- What differs between a machine that runs and its recipe as it reads now: a function of two
-- outlines (lunik.change.outline) and of what is known of the running machine. A change is
--   { sign = "+" | "-" | "~", what = "mount src", at = its line, details = { { field, before,
--     after } }, fate = "hot" | "restart" | "refused", why, step = how it is carried out }
-- Steps: { "plug", item }, { "unplug", item }, { "replace", item, before }, { "forward", one },
-- { "unforward", one }, { "cpus", how many more }, { "memory", bytes more }, and those of
-- lunik.change.code.
local code = require "lunik.change.code"
local digest = require "lunik.change.digest"
local grow = require "lunik.change.grow"
local match = require "lunik.change.match"
local scalar = require "lunik.machine.scalar"
local shown = require "lunik.change.shown"

local change = {}

local START = "is read when the machine starts"
local THERE = "is there since the start, where nothing can be unplugged"

local function same(one, other) return digest.text(one) == digest.text(other) end

local function new(sign, what, one, details)
  return { sign = sign, what = what, at = one.at, details = details or {} }
end

local function settle(entry, fate, why, step)
  entry.fate, entry.why, entry.step = fate, why, step
  return entry
end

-- Whether a running machine can get an item: true | nil, why
local function can_come(item, state)
  if item.fixed then return nil, item.fixed end
  for _, need in ipairs(item.needs or {}) do
    local why = state.late(need)
    if why then return nil, why end
  end
  return true
end

local function came(item, state)
  local entry = new("+", shown.name(item), item, shown.fields(item))
  local there = state.devices[match.key(item)]
  if there then
    return settle(entry, "refused", there.leaves and "the one that was there has not gone yet"
                                    or "something else of that name was plugged by hand")
  end
  local ok, why = can_come(item, state)
  if ok then return settle(entry, "hot", nil, { "plug", item }) end
  return settle(entry, "restart", why)
end

local function went(item, state)
  local entry = new("-", shown.name(item), item)
  if state.devices[match.key(item)] then return settle(entry, "hot", nil, { "unplug", item }) end
  return settle(entry, "restart", item.fixed or THERE)
end

-- The fields of two items that differ, in the row's order.
local function differing(before, after)
  local list = {}
  for _, field in ipairs(after.order or {}) do
    local was, is = before.fields[field], after.fields[field]
    local one = not same(was, is) and shown.differs(was, is, after, field)
    if one then list[#list + 1] = one end
  end
  if before.text ~= after.text then list[#list + 1] = shown.option(before, after) end
  return list
end

local function by_name(list)
  local out = {}
  for _, one in ipairs(list or {}) do out[one.name] = one end
  return out
end

-- Forwards come and go by themselves, of the card that the machine adds them to.
local function forwards(entry, before, after, list)
  local was, is = by_name(before.fields.forward), by_name(after.fields.forward)
  for _, one in ipairs(before.fields.forward or {}) do
    if not same(one, is[one.name]) then
      list[#list + 1] = settle(new("-", "forward " .. one.name, after, shown.forward(one)), "hot",
                               nil, { "unforward", one, item = after })
    end
  end
  for _, one in ipairs(after.fields.forward or {}) do
    if not same(one, was[one.name]) then
      list[#list + 1] = settle(new("+", "forward " .. one.name, entry, shown.forward(one)), "hot",
                               nil, { "forward", one, item = after })
    end
  end
end

local function policies(details, before, after, list)
  if #details == 0 then return end
  local fields = {}
  for i, one in ipairs(details) do fields[i] = one.field end
  list[#list + 1] = settle(new("~", shown.name(before), after, details), "hot", nil,
                           { "code", { item = after, fields = fields } })
end

-- Takes a field out of a list of those that differ: whether it was there.
local function take_out(details, field)
  for i, one in ipairs(details) do
    if one.field == field then return table.remove(details, i) end
  end
end

-- Why a device cannot be replaced by another | nil
local function stays(before, after, state)
  local ok, why = can_come(after, state)
  if ok and not state.devices[match.key(before)] then return THERE end
  return not ok and why or nil
end

-- Policies and forwards are replaced by themselves; all else of a device goes with it.
local function altered(before, after, state, list)
  local code_of, details = code.policies(differing(before, after), after)
  policies(code_of, before, after, list)
  if #details == 0 then return end
  local why = stays(before, after, state)
  local entry = new("~", shown.name(before), after, details)
  if (why or #details == 1) and state.network == after.name and take_out(details, "forward") then
    forwards(entry, before, after, list)
  end
  if #details == 0 then return end
  list[#list + 1] = entry
  if why then return settle(entry, "restart", why) end
  settle(entry, "hot", nil, { "replace", after, before })
end

local function scalars(runs, wanted, state, list)
  for _, row in ipairs(scalar) do
    local name = row.name
    local was, is = runs.scalars[name], wanted.scalars[name]
    local topology = name == "cpus" and not same(runs.scalars.topology, wanted.scalars.topology)
    local told = runs.written[name] or wanted.written[name]
    if told and (topology or not same(was, is)) then
      local entry = new("~", name, {}, { { before = shown.scalar(was, row),
                                           after = shown.scalar(is, row) } })
      local step, why = nil, START
      if grow[name] and not topology then step, why = grow[name](was, is, state, runs.needs) end
      list[#list + 1] = settle(entry, step and "hot" or "restart", not step and why or nil, step)
    end
  end
end

-- The items that run: a device that somebody has unplugged does not.
function change.there(runs, state)
  local list = {}
  for _, item in ipairs(runs.items) do
    local moves, found = item.hot or item.family == "mount", state.devices[match.key(item)]
    if not moves or found and not found.leaves then list[#list + 1] = item end
  end
  return list
end

-- Whether somebody has plugged by hand just what the recipe asks for.
local function as_wanted(item, state)
  local found = state.devices[match.key(item)]
  if not found or found.leaves or not found.share then return false end
  for name, value in pairs(found.share) do
    if item.fields[name] ~= value then return false end
  end
  return true
end

-- What differs: changes in the order in which they are told; and the items of the recipe that
-- somebody has plugged by hand just so. state: devices (by lunik.change.match.key: { share = fields
-- of a mount, leaves = it is taken back }), network (the card that forwards are added to), cpus (as
-- many as there are now), ready (it has been), late(need) (why the running machine cannot have it
-- | nil).
function change.between(runs, wanted, state)
  local list, adopted = {}, {}
  if runs.name ~= wanted.name then
    local entry = new("~", "name", {}, { { before = shown.text(runs.name),
                                           after = shown.text(wanted.name) } })
    return { settle(entry, "refused", "it would be another machine") }, adopted
  end
  scalars(runs, wanted, state, list)
  local matched, gone, come = match.items(change.there(runs, state), wanted.items)
  for _, pair in ipairs(matched) do altered(pair[1], pair[2], state, list) end
  for _, item in ipairs(come) do
    if as_wanted(item, state) then
      adopted[#adopted + 1] = item
    else
      list[#list + 1] = came(item, state)
    end
  end
  for _, item in ipairs(gone) do list[#list + 1] = went(item, state) end
  local hooks = code.hooks(runs.hooks, wanted.hooks, state)
  table.move(hooks, 1, #hooks, #list + 1, list)
  return list, adopted
end

return change
