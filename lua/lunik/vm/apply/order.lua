-- SPDX-License-Identifier: MIT
-- The steps of changes (lunik.change), in the order in which they are carried out: what comes
-- first, which is undone when a step fails; what goes last.
local shown = require "lunik.change.shown"

local order = {}

-- Turns, in order. Functions come first: policies are asked about what comes. All that gives way
-- to something else goes before any of that comes, which may want another's place; CPUs, which not
-- every QEMU lets go of again, come when nothing else can fail; from `LAST` on nothing is undone.
local CODE, PLUG, FORWARD, AWAY, INSTEAD, MEMORY, CPUS, LAST = 1, 2, 3, 4, 5, 6, 7, 8

local function step(kind, turn, text, more)
  more.kind, more.turn, more.text, more.state = kind, turn, text, "waiting"
  return more
end

local function with_dir(item, dir)
  local out = {}
  for key, value in pairs(item) do out[key] = value end
  out.dir = item.dir or dir
  return out
end

local make = {}

function make.plug(text, change, dirs)
  return { step("plug", PLUG, text, { item = with_dir(change[2], dirs.wanted) }) }
end

function make.unplug(text, change, dirs)
  return { step("unplug", LAST, text, { item = with_dir(change[2], dirs.runs) }) }
end

function make.replace(text, change, dirs)
  local before, after = change[3], change[2]
  return { step("unplug", AWAY, "- " .. shown.name(before), { item = with_dir(before, dirs.runs) }),
           step("plug", INSTEAD, text, { item = with_dir(after, dirs.wanted) }) }
end

function make.forward(text, change)
  return { step("forward", FORWARD, text, { forward = change[2], item = change.item }) }
end

function make.unforward(text, change)
  return { step("unforward", LAST, text, { forward = change[2], item = change.item }) }
end

function make.memory(text, change)
  return { step("memory", MEMORY, text, { amount = change[2], after = change[3] }) }
end

function make.cpus(text, change)
  return { step("cpus", CPUS, text, { amount = change[2], after = change[3] }) }
end

-- All functions are replaced at once: one step, which says what differs | nil
local function code(changes)
  local words, edits = {}, {}
  for _, change in ipairs(changes) do
    if change.step and change.step[1] == "code" then
      words[#words + 1], edits[#edits + 1] = shown.line(change), change.step[2]
    end
  end
  return words[1] and step("code", CODE, table.concat(words, ", "), { edits = edits })
end

-- A forward that another of its name takes the place of goes before that.
local function swap_forwards(list)
  local by_name = {}
  for _, each in ipairs(list) do
    if each.kind == "forward" then by_name[each.forward.name] = each end
  end
  for _, each in ipairs(list) do
    local other = each.kind == "unforward" and by_name[each.forward.name]
    if other then each.turn, other.turn = AWAY, INSTEAD end
  end
end

-- The steps of changes, in order. dirs: the folders of what runs and of what is wanted.
function order.steps(changes, dirs)
  local list, rank = { code(changes) }, {}
  for _, change in ipairs(changes) do
    local maker = change.step and make[change.step[1]]
    local made = maker and maker(shown.line(change), change.step, dirs) or {}
    table.move(made, 1, #made, #list + 1, list)
  end
  swap_forwards(list)
  for i, each in ipairs(list) do rank[each] = i end
  table.sort(list, function(a, b)
    if a.turn ~= b.turn then return a.turn < b.turn end
    return rank[a] < rank[b]
  end)
  return list
end

-- Whether a step takes away what nothing takes the place of.
function order.is_last(one) return one.turn >= LAST end

return order
