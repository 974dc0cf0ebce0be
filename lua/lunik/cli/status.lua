-- SPDX-License-Identifier: MIT
-- `lunik status`: everything there is to know about one machine.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local colour = require "lunik.cli.colour"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local ls = require "lunik.cli.ls"
local machines = require "lunik.supervisor.machines"
local shown = require "lunik.cli.shown"

local status = { name = "status", summary = "show how machines are" }
status.example = "lunik status dev"
status.more = { "lunik status dev --json" }

function status.args(command)
  arguments.machines(command)
  command:flag("--json", "as JSON")
end

local function readiness(one)
  if one.ready == nil then return nil end
  local waiting = one.rebooting and "not yet: the guest is rebooting" or "not yet"
  return one.ready and "yes" or one.problem or waiting
end

local function ended(one)
  if not one.ended then return nil end
  local lines = { one.ended.text }
  if one.ended.kind == "crash" then
    for _, line in ipairs(one.ended.lines or {}) do lines[#lines + 1] = "  " .. line end
  end
  return table.concat(lines, "\n              ")
end

local function mount(one)
  return ("%s%s, %s%s%s"):format(one.tag, one.to and " at " .. one.to or "", one.state,
    one.readonly and ", read-only" or "", one.why and ": " .. one.why or "")
end

local function device(one)
  return ("%s (%s), %s%s"):format(one.id or one.label, one.family, one.state,
    one.port and ", in " .. one.port or "")
end

local function helper(one)
  return ("%s (%s), %s"):format(one.name, one.pid and ("pid %d"):format(one.pid) or "no process",
    one.alive and "alive" or "dead")
end

local function each(list, text)
  local lines = {}
  for i, one in ipairs(list or {}) do lines[i] = text(one) end
  return #lines > 0 and table.concat(lines, "\n              ") or nil
end

local STATES = { doing = "was being done: ", waiting = "not done: ", done = "done: ",
                 undone = "undone: ", failed = "failed: " }

-- What the last `lunik apply` has left to say: each step, where it came to no good end; and what
-- waits for a restart.
local function applied(one)
  local last, lines = one.applied, {}
  if not last then return nil end
  local well = true
  for _, step in ipairs(last.steps) do well = well and step.state == "done" end
  if last.state ~= "over" or not well then
    lines[1] = last.state == "over" and "not all of it" or last.state
    for _, step in ipairs(last.steps) do
      lines[#lines + 1] = "  " .. STATES[step.state] .. step.text
    end
  end
  for _, text in ipairs(last.waits) do lines[#lines + 1] = "waits for a restart: " .. text end
  return each(lines, tostring)
end

local function good(text) return text == "yes" and "good" or "poor" end

-- The lines: a title, what stands beside it (without that, no line), and its colour.
local rows = {
  { "state", function(one)
    if one.paused_by then return ("%s: %s"):format(one.state, one.paused_by) end
    if one.foreground then return one.state .. ", in the foreground of another terminal" end
    if one.state == "elsewhere" then return "runs on " .. one.host end
    return one.step and ("%s (%s)"):format(one.state, one.step) or one.state
  end, colour.of_state },
  { "ready", readiness, good },
  { "guest", function(one) return one.silent end },
  { "ended", ended },
  { "uptime", function(one) return one.uptime and shown.span(one.uptime) end },
  { "cpus", function(one) return one.cpus and ("%d"):format(one.cpus) end },
  { "memory", function(one)
    return one.memory and ("%s of %s in use"):format(shown.size(one.memory.resident),
      shown.size(one.memory.configured))
  end },
  { "guest", function(one) return one.guest and one.guest.note end },
  { "forwards", function(one)
    return each(one.forwards, function(f) return (shown.forward(f):gsub("^forward ", "")) end)
  end },
  { "mounts", function(one) return each(one.mounts, mount) end },
  { "devices", function(one) return each(one.devices, device) end },
  { "helpers", function(one) return each(one.helpers, helper) end },
  { "qemu", function(one) return one.qemu and ("pid %d"):format(one.qemu.pid) end },
  { "supervisor", function(one)
    return one.supervisor and ("pid %d%s"):format(one.supervisor.pid,
      one.supervisor.adopted and ", adopted it" or "")
  end },
  { "recipe", function(one)
    if not one.recipe or not one.changed then return one.recipe end
    return ("%s, changed since %s: lunik apply %s"):format(one.recipe,
      one.applied and "it was applied" or "start", one.name)
  end },
  { "applied", applied },
  { "logs", function(one) return one.logs end },
}

local function print(one, out)
  out:write(colour.paint(out, one.name, "title"), "\n")
  for _, row in ipairs(rows) do
    local text = row[2](one)
    local shade = text and row[3] and row[3](text)
    if text then out:write(("  %-12s%s\n"):format(row[1], colour.paint(out, text, shade))) end
  end
end

local function show(args, name, l, out)
  local one = ls.look(l, name)
  if args.json then
    one.lunik = 1
    out:write(core.json.encode(one), "\n")
  else
    print(one, out)
  end
  return exit.ok
end

function status.run(args, out)
  local l <close> = loop.new()
  return l:run(function()
    local results = {}
    for i = 1, math.max(1, #args.machine) do
      local name, why = machines.name(args.machine[i], l)
      results[i] = name and { show(args, name, l, out) } or { nil, why }
    end
    return attached.sum(args.machine, results)
  end)
end

return status
