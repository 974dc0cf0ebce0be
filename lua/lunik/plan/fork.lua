-- SPDX-License-Identifier: MIT
-- What of a machine cannot be in a clone of it (lunik fork), each at its line: devices by the word
-- of their row (lunik.device.forked), QEMU's own options by what their keys are to QEMU, the
-- machine's fields by theirs. All that is QEMU's, and of the machine alone, each clone has.
local check = require "lunik.schema.check"
local forked = require "lunik.device.forked"
local look = require "lunik.machine.look"
local qemu = require "lunik.qemu"
local scalar = require "lunik.machine.scalar"
local truth = require "lunik.qemu.truth"

local fork = {}

local WRITES = "every clone would write to this file"
local LISTENS = "one machine alone can listen here"
local CONNECTS = "every clone would connect there, as the machine that was saved did"
local HOSTS = "a device of the host is in one machine at a time"
local HANDED = "what stands behind a descriptor is one machine's"

local function is_on(value) return value == true or truth[value] or false end

local function is_readonly(args, option)
  return option == "cdrom" or args.media == "cdrom" or is_on(args.readonly)
    or is_on(args["read-only"]) or is_on(args.read_only) or is_on(args.snapshot)
end

local function says(why)
  return function(self, about) self:say(about, nil, why) end
end

-- A character backend that stands on a socket.
local function backend(self, about)
  local args = about.args
  if args.path or args.port then
    self:add(args.path and "path" or "port", nil, nil, is_on(args.server) and LISTENS or CONNECTS)
  end
end

-- By the words of lunik.machine.look.
local looks = { output = says(WRITES), backing = says(WRITES), peer = says(CONNECTS),
  backend = backend, stub = says(LISTENS), udp = says(LISTENS), stream = says(CONNECTS),
  packets = says(CONNECTS), display = says(LISTENS), spice = says(LISTENS),
  debugger = says(LISTENS), incoming = says "a clone has the state of the machine that was saved",
  interface = says(HOSTS), tap = says(HOSTS), bridge = says(HOSTS), vfio = says(HOSTS),
  usb = says(HOSTS), ["vhost-scsi"] = says(HOSTS), descriptor = says(HANDED) }

function looks.image(self, about)
  if not is_readonly(about.args, self.entry.row.name) then
    self:say(about, nil, "every clone would write to this image: disk {} has an overlay for each")
  end
end

function looks.device(self, about)
  if self.entry.row.name ~= "accel" then self:say(about, nil, HOSTS) end
end

looks["vhost-vsock"] = function(self, about)
  self:add(about.args["guest-cid"] and "guest-cid", nil, nil,
    "a context identifier is one machine's")
end

-- net/slirp.c: port 0 is a free one
function looks.forward(self, about)
  local port = tostring(about.value):match ":(%d+)%-"
  if port ~= "0" then self:say(about, nil, ("port %s of this host leads into one machine: "
    .. "nic { forward = … } can have a free one in each clone"):format(port or "?")) end
end

-- A function of a key of an entry's, nil for the whole: at, path.
local function place_of(item, option)
  return function(key)
    local named = type(key) == "string"
    return named and item.at_of and item.at_of(key:match "^[^.]+") or item.at,
           "qemu." .. option .. (named and "." .. key or "")
  end
end

-- Why an option that came while the machine ran cannot be in a clone | nil
function fork.option(name, args, about)
  local problems = {}
  look.entries({ { row = qemu.rows[name], args = args, place = place_of({}, name) } },
    { host = about.host, dir = about.dir, looks = looks }, problems)
  return problems[1] and check.text(problems[1])
end

local function options(plan, machine, problems)
  local list = {}
  for _, entry in ipairs(plan.argv) do
    local item = type(entry) == "table" and entry.row and entry.item
    if item and item.option then
      list[#list + 1] = { row = entry.row, args = entry.args, place = place_of(item, item.option) }
    end
  end
  look.entries(list, { host = plan.host, dir = plan.cwd or plan.dir, arch = plan.arch,
                       looks = looks }, problems)
  for _, item in ipairs(machine.items) do
    if item.raw then
      check.add(problems, item.at, "raw", "nobody knows what these words would do a second time")
    end
  end
end

local function devices(machine, asked, problems)
  for _, item in ipairs(machine.items) do
    local why, field
    if item.row then why, field = forked.refusal(item, asked) end
    if why then
      check.add(problems, field and item.at_of(field) or item.at,
        item.family .. (field and "." .. field or ""), why)
    end
  end
end

local function fields(machine, problems)
  for _, row in ipairs(scalar) do
    local value = machine[row.name]
    local why = value ~= nil and row.no_clone and row.no_clone(value)
    if why then check.add(problems, machine.written[row.name], "machine." .. row.name, why) end
  end
end

-- Whether something in the guest can be made its own.
local function road(machine, asked, problems)
  for _, item in ipairs(machine.items) do
    if item.family == "agent" or item.family == "ssh" then return end
  end
  check.add(problems, machine.at, "machine", "its guest could not be told from the one that was "
    .. "saved: agent {} or ssh {} is a road to it"
    .. (asked.template and "" or "; --unsafe goes without"))
end

-- The needs that are met, but for one, which what comes later has to ask for anew.
local function without(needs, name)
  local out = {}
  for key, value in pairs(needs) do out[key] = value end
  out[name] = nil
  return out
end

-- Adds the problems of a plan that is to be one of several clones. asked: what the fork is to be
-- like (plan.saved.fork).
function fork.check(plan, machine, asked)
  local problems = {}
  if asked.private then plan.needs = without(plan.needs, "shared_memory") end
  if not asked.unsafe then road(machine, asked, problems) end
  fields(machine, problems)
  devices(machine, asked, problems)
  options(plan, machine, problems)
  check.sort(problems)
  for _, problem in ipairs(problems) do
    problem.why, problem.about = "it cannot be forked: " .. problem.why, nil
    table.insert(plan.problems, problem)
  end
end

-- Why a machine that is not saved yet could not be forked, by a plan of it: problems | nil
function fork.refusal(plan, machine, asked)
  local trial = setmetatable({ problems = {} }, { __index = plan })
  fork.check(trial, machine, asked)
  return trial.problems[1] and trial.problems or nil
end

return fork
