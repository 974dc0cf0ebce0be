-- SPDX-License-Identifier: MIT
-- Writes and reads the record of a machine, vm.json, and other files of lunik's own.
local unistd = require "posix.unistd"
local core = require "lunik.core"
local file = require "lunik.system.file"
local host = require "lunik.host"
local shape = require "lunik.store.shape"

local records = {}

local LARGEST = 16 << 20           -- bytes of any file that is read back
local READ = { values = 1 << 17 }

-- Writes all of `text` into a new file of ours: true | nil, why
local function write(path, text)
  local fd, why = file.new(path)
  if not fd then return nil, "open " .. why end
  while fd and #text > 0 do
    local n
    n, why = unistd.write(fd, text)
    if not n then break end
    text = text:sub(n + 1)
  end
  if fd then unistd.close(fd) end
  if #text > 0 then return nil, ("write %s: %s"):format(path, why) end
  return true
end

-- Replaces a file of ours, so that nobody ever reads half of it: true | nil, why. It is not synced:
-- after a power loss there is no machine for it to describe.
function records.write(path, text)
  local ok, why = write(path .. ".tmp", text)
  if ok then
    ok, why = os.rename(path .. ".tmp", path)
    if ok then return true end
    why = "rename " .. why
  end
  unistd.unlink(path .. ".tmp")
  return nil, why
end

-- Writes the machine's record.
function records.save(runtime, record)
  local text, why = core.json.encode(record)
  if not text then return nil, "vm.json: " .. why end
  return records.write(runtime .. "/vm.json", text .. "\n")
end

-- Whether a record is that of a machine whose start was finished.
function records.is_up(record)
  return record.step == "running" or record.step == "stopping"
end

-- The same, of one that may live on alone.
function records.started(record)
  return not record.tied and records.is_up(record)
end

-- The object in a file of lunik's own | nil, why. One that is larger than any of them gets, in
-- bytes or in values, which take far more memory, is none.
function records.object(path)
  local text, why = host.contents(path, LARGEST)
  if not text then return nil, why end
  local object
  object, why = core.json.decode(text, READ)
  if type(object) == "table" then return object end
  return nil, ("%s: %s"):format(path, why or "no object")
end

local text, shown = shape.text, shape.shown
local boolean, integer = shape.boolean, shape.integer

-- The state of a device as it is written down; one of a start has none yet.
local STATES = { plugging = true, plugged = true, unplugging = true, dead = true }

local function state(value, at, wrong)
  if STATES[value] then return value end
  shape.bad(at, wrong)
end

local plain = shape.map(shape.plain)
local plain_list = shape.list(plain)
local path = shape.object({ path = text }, {})

local DEVICE = shape.object({ id = text }, {
  family = text, label = text, state = state, port = text, temporary = shape.list(text),
  remove = shape.list(shape.object({ execute = text, arguments = plain }, {})),
  helper = shape.object({ name = text, log = text }, { listen = path }),
  share = shape.object({ tag = text }, { at = text, from = text, to = text, type = text }),
  fields = plain, networks = shape.list(text) })

-- What has the form of a device in all its parts has all of it: its fields are for whoever knows
-- devices. One with a part of another form is none.
local function device(value, at, wrong)
  local before = #wrong
  local known = DEVICE(value, at, wrong)
  if #wrong > before then return end
  if not known.state or known.remove and known.label then return shape.plain(value) end
  shape.bad(at, wrong)
end

local FORMS = {
  name = text, id = shape.id, recipe = text, step = shown, tied = boolean, began = integer,
  ready = boolean, doing = shown, stands = text,
  supervisor = shape.object({ pid = shape.pid }, {}), qemu = shape.object({ pid = shape.pid }, {}),
  helpers = shape.list(shape.object({ name = text }, { pid = shape.pid })),
  saving = shape.object({ path = text, id = shape.id }, { paused = boolean, mounts = plain_list,
                                                           what = shown,
                                                           layers = shape.map(integer) }),
  temporary = shape.list(text), devices = shape.list(device),
  forwards = shape.list(shape.object({ name = shown, protocol = shown, address = shown,
                                       port = integer, guest = integer, netdev = shown }, {})),
}

-- Why a record is not enough to run the machine by | nil
local function problem(object, record, wrong)
  if object.lunik ~= 1 then return "it was written by another version of lunik" end
  if wrong then return wrong .. " is not what it should be" end
  for _, name in ipairs { "id", "step", "began", "supervisor" } do
    if record[name] == nil then return "it has no " .. name end
  end
end

-- The record of the machine in `runtime` | nil, why. It has what could be read, and `problem`
-- where that is not all.
function records.read(runtime)
  local object, why = records.object(runtime .. "/vm.json")
  if not object then return nil, why end
  local record, wrong = shape.read(FORMS, object)
  why = problem(object, record, wrong)
  record.problem = why and "vm.json: " .. why
  return record
end

return records
