-- SPDX-License-Identifier: MIT
-- The order in which QEMU makes devices: key=value first, then those that -drive if=virtio
-- and -debugcon imply, then JSON (softmmu/vl.c). A recipe says key=value, so what was JSON
-- goes where it was made, or stays JSON.
local option = require "lunik.import.option"

local order = {}

-- Options that make devices in the order of the command line.
local makes = { device = true, virtfs = true, readconfig = true }

local function is_json(text) return text:find "^%s*{" ~= nil end

local function implies(name, text)
  return name == "debugcon" or name == "drive" and ("," .. text):find(",if=virtio", 1, true)
end

-- The order of making: numbers of `list`, whose entries have row and text.
function order.of(list)
  local first, implied, last = {}, {}, {}
  for i, found in ipairs(list) do
    local name = found.row and found.row.name
    if makes[name] and found.text then
      local into = name == "device" and is_json(found.text) and last or first
      into[#into + 1] = found.id or i
    elseif name and found.text and implies(name, found.text) then
      implied[#implied + 1] = found.id or i
    end
  end
  table.move(implied, 1, #implied, #first + 1, first)
  return table.move(last, 1, #last, #first + 1, first)
end

-- Sorts items so that JSON devices, which the recipe says as key=value, are still made in
-- their order; where that cannot be they stay as they are. The items, and whether there are any.
function order.arrange(items)
  local json, last_kv, implied, moved = {}, 0, false, false
  for i, item in ipairs(items) do
    local name = item.row and item.row.name
    if name == "device" and item.json then
      json[#json + 1] = i
    elseif makes[name] then
      last_kv, moved = i, #json > 0
    end
    implied = implied or name and item.text and implies(name, item.text)
  end
  if #json == 0 then return items, false end
  if implied then
    for _, i in ipairs(json) do
      option.give_up(items[i],
        "stays JSON: QEMU makes it after the devices that other options imply")
    end
    return items, true
  end
  return moved and order.move(items, last_kv) or items, true
end

-- Devices that were JSON, from in front of item `last` to behind it.
function order.move(items, last)
  local out, waiting = {}, {}
  for i, item in ipairs(items) do
    if i < last and item.json and item.row.name == "device" then
      item.notes = { "stood earlier: QEMU makes devices given as JSON after the others" }
      waiting[#waiting + 1] = item
    else
      out[#out + 1] = item
    end
    if i == last then table.move(waiting, 1, #waiting, #out + 1, out) end
  end
  return out
end

return order
