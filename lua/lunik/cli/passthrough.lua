-- SPDX-License-Identifier: MIT
-- Verbs that are one command of QEMU's each, a row for every one: what it is called there, and
-- what becomes its arguments.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"
local unseen = require "lunik.plan.unseen"

-- QEMU's working directory is not the user's.
local function absolute(path)
  if path:sub(1, 1) == "/" then return path end
  return require "posix.unistd".getcwd() .. "/" .. path
end

local FORMATS = { png = "png", ppm = "ppm" }

local function format_of(file)
  local ending = file:match "%.(%w+)$"
  return FORMATS[ending and ending:lower()]
end

-- PPM is what every QEMU writes unasked: only one that can do PNG knows the word `format`.
local function picture(args)
  local format = format_of(args.file)
  if not format then
    return nil, ("a file that ends in .png or .ppm expected, got '%s'%s"):format(
      printable(args.file), args.machine and format_of(args.machine)
        and "; the machine comes first: lunik screenshot dev screen.png" or "")
  end
  return { { arguments = { filename = absolute(args.file),
                           format = format == "png" and format or nil } } }
end

local HOLD = 20            -- milliseconds that a key of a text is down

local function press(names, hold)
  local list = core.json.array {}
  for i, name in ipairs(names) do list[i] = { type = "qcode", data = name } end
  return { arguments = { keys = list, ["hold-time"] = hold },
           pause = hold and 2 * #names * hold / 1000 }
end

-- "ctrl-alt-delete" -> all of them pressed at once; a text is typed key by key. QEMU presses and
-- releases each for so long, and drops what it has no room for.
local function keys(args)
  if (args.keys ~= nil) == (args.text ~= nil) then
    return nil, "KEYS or --text TEXT expected, one of them, and before it the machine: lunik "
      .. "sendkey dev ctrl-alt-delete"
  end
  if args.keys then
    local names = {}
    for word in args.keys:gmatch "[^-]+" do names[#names + 1] = word end
    return { press(names) }
  end
  local presses, why = require "lunik.cli.keyboard".of(args.text)
  if not presses then return nil, "--text: " .. why .. "; nothing was typed" end
  local all = {}
  for i, names in ipairs(presses) do all[i] = press(names, HOLD) end
  return all
end

-- What QEMU's words mean where there is nothing to take a picture of, or no format but one.
local function no_picture(why)
  if why:find("no console to take", 1, true) then
    return "the machine has no graphics card; " .. unseen.SCREEN
  elseif why:find("'format' is unexpected", 1, true) then
    return "this QEMU takes no picture as PNG (7.1 is the first): name a file that ends in .ppm"
  end
  return why
end

-- Keys of a machine that does not run are lost without a word.
local function asleep(vm)
  if vm.found.state ~= "paused" then return nil end
  return ("the machine is paused, and no key would be heard: %s"):format(
    vm.found.paused_by or "lunik resume " .. vm.name)
end

-- name, summary, example, more, hints, command; argument: its name and doc, `optional` beside an
-- `option`; make(args): a list of { arguments, pause }, a command for each and the seconds after it
-- | nil, why; explain(why): what QEMU's refusal means; unfit(vm): why it makes no sense now
local rows = {
  { name = "pause", summary = "stop the CPUs of a machine", example = "lunik pause dev",
    command = "stop" },
  { name = "resume", summary = "let a paused machine run on", example = "lunik resume dev",
    command = "cont" },
  { name = "reset", summary = "press the reset button", example = "lunik reset dev",
    command = "system_reset" },
  { name = "nmi", summary = "send a non-maskable interrupt", example = "lunik nmi dev",
    command = "inject-nmi" },
  { name = "powerdown", summary = "press the power button, and do not wait",
    example = "lunik powerdown dev", command = "system_powerdown" },
  { name = "screenshot", summary = "save the screen as a picture",
    example = "lunik screenshot dev screen.png", more = { "lunik screenshot -m dev screen.png" },
    command = "screendump",
    hints = { ["missing argument 'file'"] =
      "the machine comes first: lunik screenshot dev screen.png" },
    argument = { "file", "where to: a file that ends in .png or .ppm" }, make = picture,
    explain = no_picture },
  { name = "sendkey", summary = "press keys on the keyboard, or type a text",
    example = "lunik sendkey dev ctrl-alt-delete", command = "send-key",
    more = { "lunik sendkey -m dev --text 'make test'" },
    argument = { "keys", "such as ctrl-alt-delete, as QEMU calls them", optional = true },
    option = { "--text", "type this, as on a US keyboard" }, make = keys, unfit = asleep },
}

local verbs = {}

local function send(vm, row, commands, err)
  attached.hear(vm, err, "stopped")
  local unfit = row.unfit and row.unfit(vm)
  if unfit then return nil, unfit end
  for _, one in ipairs(commands) do
    local done, why = vm:qmp(row.command, one.arguments)
    if not done then return nil, row.explain and row.explain(why) or why end
    if one.pause then vm:sleep(one.pause) end
  end
  return exit.ok
end

for _, row in ipairs(rows) do
  local verb = { name = row.name, summary = row.summary, example = row.example,
                 more = row.more, hints = row.hints }

  function verb.args(command, how)
    if not row.argument then return arguments.machines(command) end
    arguments.target(command, how)
    command:argument(row.argument[1], row.argument[2]):args(row.argument.optional and "?" or 1)
    if row.option then command:option(row.option[1], row.option[2]) end
  end

  function verb.run(args, _, err)
    local commands, problem = { {} }, nil
    if row.make then commands, problem = row.make(args) end
    if not commands then return nil, problem, exit.usage end
    local call = row.argument and attached.with or attached.each
    return call(args, function(vm)
      return send(vm, row, commands, err)
    end, args.text and "the rest is not typed" or attached.FINISHES)
  end

  verbs[row.name] = verb
end

return verbs
