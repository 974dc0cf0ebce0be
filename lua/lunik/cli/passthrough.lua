-- SPDX-License-Identifier: MIT
-- Verbs that are one command of QEMU's each, a row for every one: what it is called there, and
-- what becomes its arguments.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local unseen = require "lunik.plan.unseen"

-- QEMU's working directory is not the user's.
local function absolute(path)
  if path:sub(1, 1) == "/" then return path end
  return require "posix.unistd".getcwd() .. "/" .. path
end

local function png(args)
  return { filename = absolute(args.file), format = args.file:find "%.png$" and "png" or nil }
end

-- "ctrl-alt-delete" -> all of them pressed at once
local function keys(args)
  local list = core.json.array {}
  for word in args.keys:gmatch "[^-]+" do list[#list + 1] = { type = "qcode", data = word } end
  return { keys = list }
end

-- QEMU's words where there is nothing to take a picture of.
local function screenless(why)
  if not why:find("no console to take", 1, true) then return why end
  return "the machine has no graphics card; " .. unseen.SCREEN
end

-- name, summary, command; argument: its name and doc; make(args): the command's arguments;
-- explain(why): what QEMU's refusal means
local rows = {
  { name = "pause", summary = "stop the CPUs of a machine", command = "stop" },
  { name = "resume", summary = "let a paused machine run on", command = "cont" },
  { name = "reset", summary = "press the reset button", command = "system_reset" },
  { name = "nmi", summary = "send a non-maskable interrupt", command = "inject-nmi" },
  { name = "powerdown", summary = "press the power button, and do not wait",
    command = "system_powerdown" },
  { name = "screenshot", summary = "save the screen as a picture", command = "screendump",
    argument = { "file", "where to; .png, else PPM" }, make = png,
    explain = screenless },
  { name = "sendkey", summary = "press keys on the keyboard", command = "send-key",
    argument = { "keys", "such as ctrl-alt-delete, as QEMU calls them" }, make = keys },
}

local verbs = {}

for _, row in ipairs(rows) do
  local verb = { name = row.name, summary = row.summary }

  function verb.args(command, how)
    if not row.argument then return arguments.machines(command) end
    arguments.target(command, how)
    command:argument(row.argument[1], row.argument[2])
  end

  function verb.run(args, _, err)
    local call = row.argument and attached.with or attached.each
    return call(args, function(vm)
      attached.hear(vm, err, "stopped")
      local done, why = vm:qmp(row.command, row.make and row.make(args))
      if not done then return nil, row.explain and row.explain(why) or why end
      return exit.ok
    end, attached.FINISHES)
  end

  verbs[row.name] = verb
end

return verbs
