-- SPDX-License-Identifier: MIT
-- Which item of a machine is which of another: by id or tag, then by place: where a mount lies in
-- the guest, a disk's file, and, of what has no name, its turn among those of its kind.
local match = {}

local PLACES = { mount = "to", disk = "file", nic = "mac" }

-- What a device of the running machine and an item have in common.
function match.key(item) return ("%s %s"):format(item.family, item.name or "") end

local function place(item)
  local field = PLACES[item.family]
  local value = field and item.fields[field]
  return value and ("%s %s %s"):format(item.family, item.kind, value)
end

local function named(item) return item.name and match.key(item) end

-- One without a name that says exactly the same, then the next of its kind.
local function text(item)
  return not item.name and item.text and ("%s %s"):format(item.family, item.text)
end

local function turn(item)
  return not item.name and ("%s %s"):format(item.family, item.kind or "")
end

-- Takes out of two lists those for which `key` gives the same, in order, into `matched`.
local function pair(before, after, key, matched)
  local free = {}
  for _, each in ipairs(before) do
    local word = key(each)
    if word then
      free[word] = free[word] or {}
      table.insert(free[word], each)
    end
  end
  local taken, rest, left = {}, {}, {}
  for _, each in ipairs(after) do
    local queue = free[key(each) or false]
    local other = queue and table.remove(queue, 1)
    if other then
      matched[#matched + 1] = { other, each }
      taken[other] = true
    else
      rest[#rest + 1] = each
    end
  end
  for _, each in ipairs(before) do
    if not taken[each] then left[#left + 1] = each end
  end
  return left, rest
end

local function by(keys, before, after)
  local matched = {}
  for _, key in ipairs(keys) do before, after = pair(before, after, key, matched) end
  return matched, before, after
end

-- Pairs of items { before, after }, those that are gone, those that have come.
function match.items(before, after) return by({ named, place, text, turn }, before, after) end

-- The same of hooks: those that differ, as pairs; those that are gone; those that have come.
function match.hooks(before, after)
  local function whole(hook) return hook.point .. " " .. hook.digest end
  local _, gone, come = by({ whole }, before, after)
  return by({ function(hook) return hook.point end }, gone, come)
end

return match
