-- SPDX-License-Identifier: MIT
-- Which options a machine's own fields say exactly the same: they stand alone on the command
-- line, nothing else on it sets what they set, and their value has no more to it.
local kind = require "lunik.schema.kind"

local scalars = {}

-- The only value of an option, behind its key or not; nil when there is more to its text.
local function alone(item, key)
  local value = item.args[1]
  if value == nil or next(item.args, next(item.args)) ~= nil then return nil end
  local text = tostring(value)
  if item.text == text or key and item.text == key .. "=" .. text then return value end
end

local function of_kind(wanted)
  return function(value) return wanted.read(value) == value and value or nil end
end

-- -m: a bare number is in MiB.
local function memory(value)
  if not tostring(value):find "^%d[%d.]*%a?$" then return nil end
  local mebibytes = math.tointeger(tonumber(value))
  local text = mebibytes and mebibytes > 0 and not tostring(value):find "^0" and mebibytes .. "M"
    or tostring(value)
  local bytes = kind.size.read(text)
  return bytes and kind.size.text(bytes)
end

local function uuid(value)
  return kind.uuid.read(value) and value
end

-- A path as a field can hold it: the file is there, and its name comes out as it is | nil
local function file(value, host)
  if type(value) ~= "string" or value:sub(1, 1) ~= "/" then return nil end
  local there = host.kind(value)
  return there and there ~= "directory" and host.real(value) == value and value or nil
end

-- A firmware that the field gives to -bios as well: it takes one that a descriptor knows as code
-- for flash.
local function bios(value, host)
  return file(value, host) and require "lunik.machine.firmware".is_for_bios(value, host) and value
         or nil
end

-- field, option, its key, what the value must be, the machine's property that it sets, and
-- options that set the same
local rows = {
  { "name", "name", "guest", of_kind(kind.name) },
  { "type", "machine", "type", of_kind(kind.word), beside = { "machine" } },
  { "accel", "accel", "accel", of_kind(kind.word), property = "accel", beside = { "enable-kvm" } },
  { "cpu", "cpu", nil, of_kind(kind.word) },
  { "cpus", "smp", "cpus", of_kind(kind.int(1, 1024)), property = "smp" },
  { "memory", "m", "size", memory, property = "memory" },
  { "uuid", "uuid", nil, uuid },
  { "firmware", "bios", nil, bios, property = "firmware" },
  { "kernel", "kernel", nil, file, property = "kernel" },
  { "initrd", "initrd", nil, file, property = "initrd", needs = "kernel" },
  { "append", "append", nil, of_kind(kind.string), property = "append", needs = "kernel" },
  { "display", "display", "type", of_kind(kind.word),
    beside = { "nographic", "sdl", "curses", "full-screen", "spice" } },
}

-- What -machine sets; raw words may set anything.
local function note_properties(property, item)
  if item.raw then setmetatable(property, { __index = function() return true end }) end
  for key in pairs(item.args or {}) do
    if type(key) == "string" then property[key:match "^[^.]*"] = true end
  end
end

local function survey(items)
  local count, first, property = {}, {}, {}
  for _, item in ipairs(items) do
    local row = item.found.row
    local name = row and row.name or ""
    count[name] = (count[name] or 0) + 1
    first[name] = item
    if name == "machine" then note_properties(property, item) end
  end
  return count, first, property
end

local function conflicts(row, count, property)
  if count[row[2]] ~= 1 or row.property and property[row.property] then return true end
  for _, name in ipairs(row.beside or {}) do
    if name ~= row[2] and count[name] then return true end
  end
end

-- { { field, value }, … } in the order in which a machine emits them; takes their items
-- out of the list. `refused` are fields that cannot be.
function scalars.take(items, host, refused)
  local count, first, property = survey(items)
  local out, taken = {}, {}
  -- -readconfig sets things at its place on the command line, which fields would not keep
  if count.readconfig then return out end
  for _, row in ipairs(rows) do
    local item = first[row[2]]
    if item and not item.raw and not refused[row[1]] and not conflicts(row, count, property)
      and (not row.needs or out[row.needs]) then
      local value = alone(item, row[3])
      value = value ~= nil and row[4](value, host) or nil
      if value ~= nil then
        out[#out + 1] = { row[1], value, item = item }
        out[row[1]], taken[item] = true, true
      end
    end
  end
  local at = 1
  for i = 1, #items do
    local item = items[i]
    items[i] = nil
    if not taken[item] then items[at], at = item, at + 1 end
  end
  return out
end

return scalars
