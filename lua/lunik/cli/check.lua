-- SPDX-License-Identifier: MIT
-- `lunik check`: every problem of a recipe at once, with its lines; of a command line
-- (lunik.cli.check_line), and of a saved machine (lunik.cli.check_saved).
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"

local check = { name = "check", summary = "check a recipe against itself and this host" }
check.example = "lunik check vm.lua"
check.more = { "lunik check vm.lua --strict --start --set memory=8G --json",
  "lunik check --no-host --qemu /opt/qemu/bin/qemu-system-x86_64 -- qemu-system-x86_64 -m 2G",
  "lunik check ~/saved/dev --verify --recipe vm.lua", "lunik check --batch" }

function check.args(command)
  command:argument("source", "the recipe, or its folder (left out: vm.lua); a shell script that "
    .. "starts QEMU; or behind -- the command line itself; or the folder of a saved machine")
    :args "*"
  command:option("--set", "override a field of the machine"):argname "FIELD=VALUE":count "*"
  command:flag("--json", "print the problems as JSON")
  command:flag("--no-host", "leave out whether this host has it: files, ports, devices")
  command:flag("--start", "try it: start QEMU paused, with stand-ins for what would change or "
    .. "take something")
  command:flag("--strict", "warnings are errors, too")
  command:option("--qemu", "check a command line against the QEMU at PATH"):argname "PATH"
  command:flag("--verify", "of a saved machine: read all of it, and its disks where it was saved "
    .. "with --sums")
  command:option("--recipe", "of a saved machine: by this recipe"):argname "FILE"
    :target "recipe_file"
  command:flag("--batch", "command lines on standard input, as JSON lines with id and argv")
end

-- Whether what is named is no recipe: a command line, or a script of a shell.
local function is_line(list)
  local first = list[1]
  if not first then return false end
  if #list > 1 or require "lunik.import.words".is_qemu(first) then return true end
  if first == "-" or first:find "%.sh$" then return true end
  local head = require "lunik.host".head(first, 64) or ""
  return head:find "^#![^\n]*sh" ~= nil
end

local function is_saved(path)
  return path and require "lunik.host".kind(path) == "directory"
         and require "lunik.cli.check_saved".is(path)
end

local function of_line(args, out)
  local check_line = require "lunik.cli.check_line"
  local argv, why, code = check_line.words(args.source)
  if not argv then return nil, why, code end
  return check_line.run(argv, args, out)
end

-- How many problems the JSON has at most.
local most = 1000

local function as_json(seen)
  local list = core.json.array {}
  local all = table.move(seen.warnings, 1, #seen.warnings, #seen.problems + 1,
    { table.unpack(seen.problems) })
  local read, shown = {}, require "lunik.cli.found".shown
  for i = 1, math.min(#all, most) do list[i] = shown(all[i], read) end
  local instead
  if seen.instead then
    instead = core.json.array {}
    for i, one in ipairs(seen.instead) do
      instead[i] = { field = one.path, line = one.at and one.at[1].line, has = one.why }
    end
  end
  return core.json.encode { lunik = 1, ok = #seen.problems == 0, problems = list,
    started = seen.started, stand_ins = instead,
    more = #all > most and #all - most or nil }
end

local function warn(warnings, lunik, err)
  for _, warning in ipairs(warnings) do
    err:write("lunik check: warning: ", lunik.text { warning }, "\n")
  end
end

-- Whether something in the recipe is left to do, or its words are wrong: there is nothing to try.
local function todo(plan)
  for _, lack in ipairs(plan.lacks) do
    if lack.about ~= "host" then return true end
  end
end

-- Adds what is not said of its place already, by a look at the host.
local function add_new(problems, refused)
  local text = require "lunik.schema.check".place
  local known = {}
  for _, one in ipairs(problems) do known[text(one.at)] = true end
  for _, one in ipairs(refused) do
    if not known[text(one.at)] then problems[#problems + 1] = one end
  end
end

-- What reads a file of options as QEMU would, from the machine's folder.
local function reader(plan)
  local folder = plan.cwd or plan.dir
  return function(path)
    return require "lunik.host".options(path:find "^/" and path or folder .. "/" .. path)
  end
end

-- Holds its command line against its QEMU, beside what the machine was held against already.
local function hold(seen, plan, machine)
  local host = require "lunik.host"
  local path = host.program(machine.qemu or "qemu-system-" .. machine.arch)
  local known = path and #seen.problems < most and host.caps(path)
  if not known then return end
  local all = table.move(seen.warnings, 1, #seen.warnings, #seen.problems + 1,
    table.move(seen.problems, 1, #seen.problems, 1, {}))
  local problems, warnings = require "lunik.verify.plan"(plan, machine, known, all,
    reader(plan))
  table.move(problems, 1, #problems, #seen.problems + 1, seen.problems)
  table.move(warnings, 1, #warnings, #seen.warnings + 1, seen.warnings)
  require "lunik.schema.check".sort(seen.problems)
end

-- Tries a plan: what QEMU refuses, and the stand-ins.
local function try(plan, machine)
  local host = require "lunik.host"
  local whole, why = require "lunik.verify.whole".of_plan(plan, machine, reader(plan))
  if whole then return require "lunik.launch.trial"(whole, machine, host) end
  return { { at = machine.at, why = why, about = "host", code = "qemu-refuses" } }
end

-- What is wrong: { problems, warnings, plan | nil, instead = the trial's stand-ins | nil }.
local function examine(args, set, lunik)
  local plan, other = lunik.plan(args.recipe, { set = set, limit_memory = true,
    look = not args.no_host, anyway = true })
  if not plan then return { problems = other, warnings = {} } end
  local seen = { problems = plan.lacks, warnings = plan.warnings, plan = plan }
  hold(seen, plan, other)
  if args.start and not todo(plan) then
    local refused
    refused, seen.instead = try(plan, other)
    seen.started = #refused == 0
    add_new(seen.problems, refused)
  end
  if args.strict then
    table.move(seen.warnings, 1, #seen.warnings, #seen.problems + 1, seen.problems)
    seen.warnings = {}
  end
  return seen
end

local function fine(seen, recipe, out, lunik)
  out:write(("%s: %s is fine%s\n"):format(printable(recipe), seen.plan.name,
    seen.instead and ": QEMU starts it" or ""))
  for _, one in ipairs(seen.instead or {}) do
    out:write("  in the trial: ", lunik.text { one }, "\n")
  end
  for _, note in ipairs(seen.plan.notes) do out:write("  ", printable(note), "\n") end
end

function check.run(args, out, err)
  if args.batch then return require "lunik.cli.check_line".batch(args, out) end
  if is_line(args.source) then return of_line(args, out) end
  if is_saved(args.source[1]) then return require "lunik.cli.check_saved".run(args, out, err) end
  args.recipe = args.source[1] or args.recipe
  local lunik = require "lunik"
  local set, why = arguments.settings(args.set)
  if not set then return nil, why, exit.usage end
  local seen = examine(args, set, lunik)
  if args.json then
    out:write(as_json(seen), "\n")
    return #seen.problems == 0 and exit.ok or exit.problems
  end
  warn(seen.warnings, lunik, err)
  if #seen.problems > 0 then return nil, lunik.text(seen.problems) end
  fine(seen, args.recipe, out, lunik)
  return exit.ok
end

return check
