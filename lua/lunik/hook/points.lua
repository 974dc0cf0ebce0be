-- SPDX-License-Identifier: MIT
-- The hook points: what a recipe may write in `on("…", fn)`. One row each; help,
-- checking and the running machine all read these rows.
local extensions = require "lunik.extensions"

local points = {}

-- Things that a recipe does by itself while its machine runs (lunik.hook.timers runs them).
points.routines = {
  { name = "every", call = "every(seconds, function(vm) … end)",
    doc = "called again and again while the machine runs; a call that takes longer is not "
      .. "overtaken by the next" },
  { name = "watch", call = "watch(folder, function(vm, change) … end)",
    doc = "called while the machine runs at whatever comes, goes or is written there: change.kind "
      .. "is created, deleted, written or overflow (look anew); change.name, change.path, "
      .. "change.directory" },
}

local READING = "up restore fork template clone"
local RUNNING = "up restore fork clone adopt"

-- What else of a recipe is called while a machine runs, and on which roads, as the rows below.
points.beside = {
  { name = "prepare", what = "`prepare` of `template {}`", roads = "template" },
  { name = "provision", what = "`provision {}`", roads = "up template" },
  { name = "every", what = "`every`", roads = RUNNING },
  { name = "watch", what = "`watch`", roads = RUNNING },
  { name = "policy", what = "policies of `hotplug {}`", roads = RUNNING },
}

-- phase    reading | running | after
-- gets     what a hook is called with
-- waits    whether it may wait (everything in a hook that waits yields)
-- order    written | reverse | arrival
-- raise    what a raise does: problem | undo | report
-- seconds  how long all hooks of the point may take together, nil = as long as they like
-- roads    when it runs: up (and restart, whose first half is down), save, restore, fork, down,
--          adopt; template, while one is made (lunik.device.template), and clone, at a start by one
-- example  a line of a recipe
-- once     when it is over, for a machine whose recipe changes: starting | ready
points.rows = {
  { name = "configure", phase = "reading", gets = { "raw" }, waits = false,
    order = "written", raise = "problem", roads = READING,
    example = 'on("configure", function(raw) raw.memory = "2G" end)',
    doc = "the recipe as written, before it is checked; may edit it" },
  { name = "plan", phase = "reading", gets = { "plan", "machine" }, waits = false,
    order = "written", raise = "problem", once = "starting", roads = READING,
    example = 'on("plan", function(plan) plan:add(qemu.device { "virtio-rng-pci" }) end)',
    doc = "copies of the plan and of the machine's fields; plan:add(qemu.device { … }) adds" },
  { name = "started", phase = "running", gets = { "vm" }, waits = true,
    order = "written", raise = "undo", once = "starting", roads = "up template",
    example = 'on("started", function(vm) print(vm:qmp("query-name").name) end)',
    doc = "QEMU answers and is still paused" },
  { name = "ready", phase = "running", gets = { "vm" }, waits = true,
    order = "written", raise = "report", once = "ready", roads = "up template clone",
    example = 'on("ready", function(vm) print("ssh is on port", vm:forward "ssh") end)',
    doc = "the machine's `ready =` holds" },
  { name = "panic", phase = "running", gets = { "vm", "sign" }, waits = true,
    order = "arrival", raise = "report", roads = RUNNING,
    example = 'on("panic", function(_, sign) print(sign.name, sign.line) end)',
    doc = "the guest panicked, or its console says, while it is waited for, that it will not come "
      .. "up: sign.name, sign.line, sign.lines" },
  { name = "event", phase = "running", gets = { "vm", "event" }, waits = true,
    order = "arrival", raise = "report", roads = RUNNING .. " save down",
    example = 'on("event", function(_, event) print(event.event) end)',
    doc = "every event of QEMU; on(\"SHUTDOWN\", fn) is called for that one only" },
  { name = "helper-died", phase = "running", gets = { "vm", "helper" }, waits = true,
    order = "arrival", raise = "report", roads = RUNNING,
    example = 'on("helper-died", function(_, helper) print(helper.name, helper.means) end)',
    doc = "a process beside QEMU ended while the machine ran" },
  { name = "saved", phase = "running", gets = { "vm", "path" }, waits = true,
    order = "written", raise = "report", seconds = 10, roads = "save",
    example = 'on("saved", function(vm, path) print(vm.name, "lies in", path) end)',
    doc = "it is saved in the folder `path`, and ends; not where it is forked, and runs on" },
  { name = "restored", phase = "running", gets = { "vm", "path" }, waits = true,
    order = "written", raise = "report", once = "ready", roads = "restore",
    example = 'on("restored", function(vm) vm:exec { "systemctl", "restart", "chrony" } end)',
    doc = "the machine goes on from the folder `path`, and is ready; hooks of `started` and "
      .. "`ready` are not called then" },
  { name = "forked", phase = "running", gets = { "vm", "path" }, waits = true,
    order = "written", raise = "report", once = "ready", roads = "fork clone",
    example = 'on("forked", function(vm, path) print(vm.name, "is a clone of", path) end)',
    doc = "the same of a clone, once it has what is its own; `restored` is not called then" },
  { name = "stop", phase = "running", gets = { "vm" }, waits = true,
    order = "reverse", raise = "report", seconds = 10, roads = "down",
    example = 'on("stop", function(vm) vm:copy_out { from = "/var/log", to = "logs" } end)',
    doc = "the machine was asked to stop; runs before the guest hears of it" },
  { name = "exit", phase = "after", gets = { "vm", "how" }, waits = true,
    order = "reverse", raise = "report", seconds = 10, roads = "save down",
    example = 'on("exit", function(_, how) print(how.kind, how.text) end)',
    doc = "the machine has ended; `how` says in what way" },
}

-- What a machine goes through, in words for each.
points.roads = { up = "up, restart, run", template = "a template is made",
  clone = "the same, by a template", save = "save", restore = "restore", fork = "fork",
  down = "down, or it ends", adopt = "adopt" }

local by_name = {}
for _, row in ipairs(points.rows) do by_name[row.name] = row end

local beside = {}
for _, row in ipairs(points.beside) do beside[row.name] = row end

-- Whether what a recipe has for a point is called on a road.
function points.passes(name, road)
  local row = beside[name] or points.find(name)
  return row ~= nil and row.roads:find("%f[%a]" .. road .. "%f[%A]") ~= nil
end

-- True for a name such as QEMU gives its events: DEVICE_DELETED, STOP.
function points.is_event(name)
  return name:find "^[A-Z][A-Z0-9_]*$" ~= nil
end

-- The row of a hook point; an event's name answers with the row `event`.
function points.find(name)
  return by_name[name] or (points.is_event(name) and by_name.event or nil)
end

-- Flattens an event for a hook: its data, with its name and time beside them.
function points.event(event)
  local out = { event = event.event, timestamp = event.timestamp, data = event.data }
  for key, value in pairs(event.data or {}) do out[key] = value end
  return out
end

-- The names of the points, for suggestions.
function points.names()
  local names = {}
  for i, row in ipairs(points.rows) do names[i] = row.name end
  return names
end

-- Says what is wrong with a name that looks like an event's and is none of QEMU's, but nearly one
-- | nil. The rows of events are loaded here only: a machine that runs has no use for them.
function points.doubt(name)
  if extensions.row("events", name) then return nil end
  if not points.is_event(name) or require "lunik.hook.own".find(name) then return nil end
  local events = require "lunik.hook.events"
  if events.find(name) then return nil end
  local hint = events.nearest(name)
  return hint ~= "" and ("no hook point '%s'%s"):format(name, hint) or nil
end

-- Why hooks never hear of an event of lunik's own | nil
function points.unheard(name)
  local row = require "lunik.hook.own".find(name)
  if not row then return nil end
  return ("'%s' is for vm:on and the control socket, not for hooks%s"):format(name,
    row.hook and ("; on(\"%s\", …) hears the same"):format(row.hook) or "")
end

-- The event that a name in other letters means | nil: "shutdown", "Device-Deleted"
function points.meant(name)
  local row = require "lunik.hook.events".find((name:upper():gsub("-", "_")))
  return row and not row.lunik and row.name or nil
end

return points
