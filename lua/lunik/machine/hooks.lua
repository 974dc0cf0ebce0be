-- SPDX-License-Identifier: MIT
-- The hooks that a recipe has written: each at a point that exists, each a function.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local points = require "lunik.hook.points"
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"
local suggest = require "lunik.text.suggest"

local hooks = {}

local function hook_hint(point)
  local names = points.names()
  if type(point) == "string" then
    local near = suggest.hint(point, names)
    if near ~= "" then return near end
    local event = points.meant(point)
    if event then return ("; did you mean '%s'?"):format(event) end
  end
  return "; there are: " .. table.concat(names, ", ") .. ", and QEMU's events"
end

-- A function that the recipe wrote, and not one of lunik's.
local function is_function(value) return type(value) == "function" and not plain.shown(value) end

local function no_function(entry, point, fn, problems)
  check.add(problems, entry.at, entry.word, ("%s: a function expected, got %s"):format(point,
    fn == nil and "nothing" or kind.show(fn)))
end

local readers = {}

function readers.on(entry, _, problems)
  local point, fn = entry.fields[1], entry.fields[2]
  if type(point) ~= "string" or not points.find(point) then
    check.add(problems, entry.at, "on", ("no hook point %s%s"):format(kind.show(point),
      hook_hint(point)))
  elseif not is_function(fn) then
    no_function(entry, ("'%s'"):format(point), fn, problems)
  else
    return { point = point, fn = fn }
  end
end

-- Seconds that an interval has at least: a shorter one would only load the host.
local SHORTEST = 0.1

function readers.every(entry, _, problems)
  local seconds, why = kind.duration.read(entry.fields[1])
  if seconds and seconds < SHORTEST then
    why = ("at least %g seconds expected, got %s"):format(SHORTEST, kind.show(entry.fields[1]))
  end
  if why then
    check.add(problems, entry.at, "every", why)
  elseif not is_function(entry.fields[2]) then
    no_function(entry, kind.show(entry.fields[1]), entry.fields[2], problems)
  else
    return { point = "every", seconds = seconds, fn = entry.fields[2] }
  end
end

local folder = kind.path "directory"

function readers.watch(entry, context, problems)
  local dir, why = folder.read(entry.fields[1], context)
  if not dir then
    check.add(problems, entry.at, "watch", why)
  elseif not is_function(entry.fields[2]) then
    no_function(entry, kind.show(entry.fields[1]), entry.fields[2], problems)
  else
    return { point = "watch", dir = dir, fn = entry.fields[2] }
  end
end

local program = kind.path "file"

local EXPECTED = "commands, functions, or file = PATH"

-- A step of provision {}: { run }, { fn } or { file } | nil, why
local function step_of(key, value, context)
  if key == "file" then
    local path, why = program.read(value, context)
    return path and { file = path }, why
  elseif math.type(key) ~= "integer" then
    return nil, ("%s: no such field; %s expected"):format(kind.show(key), EXPECTED)
  elseif type(value) == "string" and value:find "%S" and not value:find "%z" then
    return { run = value }
  elseif is_function(value) then
    return { fn = value }
  end
  return nil, ("a command or a function expected, got %s"):format(kind.show(value))
end

function readers.provision(entry, context, problems)
  local steps, wrong = {}, false
  for _, key in ipairs(plain.keys(entry.fields)) do
    local step, why = step_of(key, entry.fields[key], context)
    if why then check.add(problems, entry.at, "provision", why) end
    steps[#steps + 1], wrong = step, wrong or why
  end
  if #steps == 0 and not wrong then
    check.add(problems, entry.at, "provision", "it does nothing: " .. EXPECTED .. " expected")
  elseif entry.fields.file and #steps > 1 then
    check.add(problems, entry.at, "provision", "a file beside commands has no place among them: "
      .. "two provision {} are done in their order")
  elseif not wrong then
    return { point = "provision", steps = steps }
  end
end

-- The hooks of a draft, in written order: { point, fn, at, position }, and what a routine needs
-- (lunik.hook.timers). `context` has host and dir.
function hooks.read(draft, context, problems)
  local out = {}
  for _, entry in ipairs(draft.hooks) do
    local read = readers[entry.word](entry, context, problems)
    if read then
      read.at, read.position = check.place(entry.at), entry.at
      out[#out + 1] = read
    end
  end
  return out
end

-- Adds a problem for each hook that nobody will ever call: its event is none of QEMU's but nearly
-- one, or it is one of lunik's own, which hooks do not hear.
function hooks.judge(list, problems)
  for _, entry in ipairs(list) do
    local why = points.is_event(entry.point)
      and (points.doubt(entry.point) or points.unheard(entry.point))
    if why then check.add(problems, entry.position, "on", why) end
  end
end

-- The policies of a draft, { family, fn, at } in written order: functions among the fields of
-- hotplug {}, which are checked with the others (lunik.device.hotplug.pcie).
function hooks.policies(draft)
  local out = {}
  for _, entry in ipairs(draft.items) do
    if entry.word == "hotplug" then
      for _, row in ipairs(device.row("hotplug", "pcie").fields) do
        local fn = row.policy and entry.fields[row.name]
        if fn then out[#out + 1] = { family = row.name, fn = fn, at = check.place(entry.at) } end
      end
    end
  end
  return out
end

return hooks
