-- SPDX-License-Identifier: MIT
-- What differs between two locks (lunik.plan.lock) for the guest: a list of { what, before,
-- after }, texts, nil for what is not there.
local sorted = require "lunik.text.sorted"

local function text(value)
  if value == nil then return nil end
  if type(value) == "boolean" then return value and "on" or "off" end
  return tostring(value)
end

-- Calls add(name, before, after) for what two tables have otherwise.
local function each(before, after, add)
  local names = {}
  for _, one in ipairs { before, after } do
    for name in pairs(one) do names[name] = true end
  end
  for _, name in ipairs(sorted(names)) do add(name, before[name], after[name]) end
end

-- "02.0" | "no place"
local function place(one)
  if not one then return nil end
  return one.slot and ("%02x.%x"):format(one.slot, one["function"] or 0) or "no place of its own"
end

-- Features that come or go are told together: they are many.
local function cpu(list, add, name, before, after)
  local come, gone = {}, {}
  add(name, before.model, after.model)
  each(before.properties or {}, after.properties or {}, function(key, was, is)
    if was == true and is == nil then
      gone[#gone + 1] = key
    elseif was == nil and is == true then
      come[#come + 1] = key
    else
      add(("%s %s"):format(name, key), was, is)
    end
  end)
  local function told(before_words, after_words)
    list[#list + 1] = { what = name, before = before_words, after = after_words }
  end
  if gone[1] then told(table.concat(gone, " ")) end
  if come[1] then told(nil, table.concat(come, " ")) end
end

local function cpus(list, add, accel, before, after)
  local name = ("cpu (%s)"):format(accel)
  if before and after then return cpu(list, add, name, before, after) end
  add(name, before and before.model, after and after.model)
end

return function(before, after)
  local list = {}
  local function add(what, was, is)
    if was ~= is then list[#list + 1] = { what = what, before = text(was), after = text(is) } end
  end
  add("QEMU", before.qemu, after.qemu)
  add("machine", before.board.type, after.board.type)
  each(before.cpus, after.cpus, function(accel, was, is)
    cpus(list, add, accel, was, is)
  end)
  each(before.devices, after.devices, function(key, was, is)
    add("device " .. key, place(was), place(is))
  end)
  return list
end
