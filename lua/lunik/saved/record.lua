-- SPDX-License-Identifier: MIT
-- machine.json: what a saved machine is, as data. Reading takes only what has the form that is
-- expected, and refuses by name what has not: whoever wrote the file may have been anybody.
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local cpu = require "lunik.plan.lock.file".cpu
local outline = require "lunik.change.outline"
local kind = require "lunik.schema.kind"
local shape = require "lunik.store.shape"
local version = require "lunik.version"

local record = {}

local FORMAT = 1           -- changes with the meaning of anything in it
local READ = { values = 1 << 17 }

record.LARGEST = 16 << 20  -- bytes

local text, shown, integer, boolean = shape.text, shape.shown, shape.integer, shape.boolean
local list, map, object, plain = shape.list, shape.map, shape.object, shape.plain

local function sum(value, at, wrong)
  if type(value) == "string" and #value == 64 and value:find "^%x+$" then return value end
  shape.bad(at, wrong)
end

-- What a machine may be called: it becomes a part of paths.
local function machine_name(value, at, wrong)
  if kind.name.read(value, {}) then return value end
  shape.bad(at, wrong)
end

-- A number of bytes, of seconds, of an inode.
local function count(value, at, wrong)
  if math.type(value) == "integer" and value >= 0 then return value end
  shape.bad(at, wrong)
end

local HARDWARE = object({ qemu = shown, type = shown, accel = shown, cpu = cpu },
  { asked = shown, arch = shown, host = shown, processor = shown, memory = count,
    modules = list(object({ id = text, address = count, size = count }, { slot = integer,
                                                                          backend = text })),
    cpus = list(object({ type = text }, { id = text, place = map(integer) })),
    devices = list(object({ slot = count, ["function"] = count },
      { id = text, bus = text, vendor = count, device = count, driver = text })) })

-- One layer of a disk, the guest's own on top: what its file was when the machine was saved.
local LAYER = object({ file = text }, { format = text, size = count, mtime = count, nanos = count,
  ctime = count, inode = count, device = count, sum = sum, inside = text, node = text })

local FORMS = {
  name = machine_name, generation = text, saved = count, lunik = shown, arch = shown,
  kept = boolean, forked = boolean,
  hardware = HARDWARE,
  recipe = object({ file = text, outline = plain }, { set = map(text), sums = map(sum) }),
  disks = list(object({ layers = list(LAYER) }, { id = text, device = text, node = text })),
  mounts = list(plain), forwards = list(plain), devices = list(plain), guest = plain,
  files = map(object({ size = count, sum = sum }, { packed = count })),
}

local NEEDED = { "name", "generation", "saved", "hardware", "recipe", "files" }

-- The text of machine.json. What it has is in FORMS; `guest` is the flow's own: anything.
function record.encode(machine)
  local out = {}
  for name in pairs(FORMS) do out[name] = machine[name] end
  out = portable.encode(out)
  out.format, out.lunik = FORMAT, version
  local encoded, why = core.json.encode(out)
  if not encoded then return nil, "machine.json: " .. why end
  return encoded .. "\n"
end

local function problem(value, out, wrong)
  if type(value.format) ~= "number" then return "is no record of a saved machine" end
  if value.format ~= FORMAT then
    return ("has format %s, and this lunik reads format %d: it was saved by lunik %s"):format(
      shape.shown(tostring(value.format), "", {}), FORMAT, out.lunik or "of another version")
  end
  if wrong then return wrong .. " is not what it should be" end
  for _, name in ipairs(NEEDED) do
    if out[name] == nil then return "has no " .. name end
  end
  local _, place = outline.read(out.recipe.outline)
  return place and place .. " is not what it should be"
end

-- The machine of a text | nil, why
function record.decode(encoded)
  local value, why = core.json.decode(encoded, READ)
  if type(value) ~= "table" then return nil, "machine.json: " .. (why or "no object") end
  local out, wrong = shape.read(FORMS, value)
  why = problem(value, out, wrong)
  if why then return nil, "machine.json: " .. why end
  out.recipe.outline = outline.read(out.recipe.outline)
  return out
end

return record
