-- SPDX-License-Identifier: MIT
-- The file of a lock (lunik.plan.lock): where it lies, read and written. A line for each fact, in
-- order, so that what has changed between two of them is seen by whoever reviews it.
local core = require "lunik.core"
local shape = require "lunik.store.shape"
local sorted = require "lunik.text.sorted"

local file = {}

local FORMAT, LARGEST = 1, 1 << 20

local text, scalar = shape.shown, shape.scalar

local function slot(value, at, wrong)
  if math.type(value) == "integer" and value >= 0 and value < 32 then return value end
  shape.bad(at, wrong)
end

-- A name of a model or of a property, with nothing in it that -cpu reads otherwise.
local function word(value, at, wrong)
  if type(value) == "string" and value:find "^[%w._-]+$" then return value end
  shape.bad(at, wrong)
end

local function property(value, at, wrong)
  if type(value) == "string" and value:find "[,%c]" then return shape.bad(at, wrong) end
  return scalar(value, at, wrong)
end

local properties = shape.map(property)

local function known_properties(value, at, wrong)
  local out = properties(value, at, wrong)
  for name in pairs(out or {}) do word(name, at .. "." .. name, wrong) end
  return out
end

-- The form of a CPU, in a lock and in the record of a saved machine.
file.cpu = shape.object({ model = word },
                        { asked = shape.text, loose = text, properties = known_properties })

local FORMS = { qemu = text, arch = word,
  board = shape.object({ type = word }, { asked = text }),
  cpus = shape.map(file.cpu),
  devices = shape.map(shape.object({}, { slot = slot, ["function"] = slot })) }

-- Where the lock of a recipe lies.
function file.path(raw)
  return raw.dir .. "/" .. (raw.context.file:match "[^/]+$"):gsub("%.lua$", "") .. ".lock"
end

function file.decode(encoded)
  local value, why = core.json.decode(encoded, { values = 1 << 15 })
  if type(value) ~= "table" then return nil, why or "is no object" end
  if value.format ~= FORMAT then
    return nil, ("has format %s, and this lunik reads format %d"):format(
      shape.shown(tostring(value.format), "", {}), FORMAT)
  end
  local out, wrong = shape.read(FORMS, value)
  for _, name in ipairs(sorted(FORMS)) do
    wrong = wrong or out[name] == nil and name or nil
  end
  if wrong then return nil, wrong .. " is not what it should be" end
  return out
end

-- A value in lines, so that what differs between two of them is seen line by line.
local function write(value, indent, out)
  local names = type(value) == "table" and sorted(value) or {}
  if not names[1] then
    out[#out + 1] = type(value) == "table" and "{}" or core.json.encode(value)
    return
  end
  out[#out + 1] = "{\n"
  for i, name in ipairs(names) do
    out[#out + 1] = ("%s  %s: "):format(indent, core.json.encode(name))
    write(value[name], indent .. "  ", out)
    out[#out + 1] = i < #names and ",\n" or "\n"
  end
  out[#out + 1] = indent .. "}"
end

-- The text of a lock.
function file.encode(one)
  local all, out = { format = FORMAT, lunik = 1 }, {}
  for name in pairs(FORMS) do all[name] = one[name] end
  write(all, "", out)
  return table.concat(out) .. "\n"
end

-- The lock beside a recipe: it | nil where there is none | nil, why
function file.beside(raw, host)
  local path = file.path(raw)
  local encoded, why
  if host.lock then encoded, why = host.lock(path, LARGEST) end
  if not encoded then return nil, why end
  local one
  one, why = file.decode(encoded)
  if one then one.path = path return one end
  return nil, ("%s: %s; lunik lock --new makes it anew"):format(path, why)
end

return file
