-- SPDX-License-Identifier: MIT
-- `lunik check` of what is no recipe: a command line behind --, a shell script, or many lines on
-- standard input.
local core = require "lunik.core"
local exit = require "lunik.exit"
local host = require "lunik.host"
local printable = require "lunik.text.printable"
local unistd = require "posix.unistd"
local verify = require "lunik.verify"
local words = require "lunik.import.words"

local check_line = {}

-- The QEMU that a command line is for: --qemu's, or its own; one that is not here, or is called
-- `kvm`, is taken for that of its target.
local function binary(argv, args)
  if args.qemu then return args.qemu end
  local name = words.split(argv).program or "qemu-system-" .. host.arch
  local arch = words.arch(name)
  if arch and name:find "/" and host.kind(name) == "file" then return name end
  return host.program("qemu-system-" .. (arch or host.arch))
end

-- What is wrong with a command line; what its QEMU knows | nil, why.
local function problems_of(argv, args, qmp)
  local path, known = binary(argv, args), nil
  local why = ("no %s here"):format(argv[1] or "QEMU")
  if path then known, why = host.caps(path) end
  return verify(argv, { known = known, qmp = qmp, path = path, dir = unistd.getcwd(),
    host = not args.no_host and host or nil, read = host.options }), known, why
end

local function count(problems, strict)
  local errors = 0
  for _, problem in ipairs(problems) do
    if strict or problem.severity == "error" then errors = errors + 1 end
  end
  return errors
end

-- What QEMU says to a command line where nothing of it changes or takes anything: the stand-ins,
-- { field, at, has } each. Adds to `problems` what it refuses and nobody has told.
local function try(argv, path, problems)
  local whole = require "lunik.verify.whole"
  local place = { { file = "command line", line = 0 } }
  local plan, why = whole.of_words(argv, path, unistd.getcwd(), host.options)
  local refused, stand_ins = { { at = place, why = why } }, {}
  if not plan and count(problems) > 0 then return nil, false end
  if plan then refused, stand_ins = require "lunik.launch.trial"(plan, { at = place }, host) end
  for _, one in ipairs(refused) do
    local at, known = one.at[1].line, false
    for _, other in ipairs(problems) do
      known = known or other.at == at and other.severity == "error"
    end
    if not known then
      problems[#problems + 1] = { at = at, severity = "error", code = "qemu-refuses",
        field = one.path or "", message = (one.path and one.path .. ": " or "") .. one.why }
    end
  end
  local instead = {}
  for i, one in ipairs(stand_ins or {}) do
    instead[i] = { at = one.at[1].line, field = one.path, has = one.why }
  end
  return instead, #refused == 0
end

local function plain(problem)
  return { code = problem.code, severity = problem.severity, field = problem.field,
    message = problem.message, suggestion = problem.suggestion }
end

local MOST = 100000        -- words of a command line

local function is_list_of_text(list)
  if type(list) ~= "table" then return false end
  for i, word in ipairs(list) do
    if type(word) ~= "string" or word:find "%z" or i > MOST then return false end
  end
  return true
end

local function answer(text, args)
  local asked, why = core.json.decode(text)
  if type(asked) ~= "table" or not is_list_of_text(asked.argv) then
    return { error = why or "an object with id and argv expected", problems = core.json.array {} }
  end
  local list = core.json.array {}
  local qmp = type(asked.qmp) == "table" and asked.qmp or nil
  for i, problem in ipairs((problems_of(asked.argv, args, qmp))) do list[i] = plain(problem) end
  return { id = asked.id, problems = list }
end

-- One JSON line for each, with its problems.
function check_line.batch(args, out)
  collectgarbage "generational"
  for text in io.lines() do
    if text:find "%S" then
      local ok, made = xpcall(answer, debug.traceback, text, args)
      if not ok then made = { error = "bug: " .. tostring(made), problems = core.json.array {} } end
      out:write(core.json.encode(made) or core.json.encode { error = "cannot be shown" }, "\n")
    end
  end
  return exit.ok
end

local function at_of(problem) return { at = problem.at, field = problem.field,
  code = problem.code, severity = problem.severity, message = problem.message,
  suggestion = problem.suggestion } end

local function as_json(argv, problems, errors, instead, started)
  local list = core.json.array {}
  for i, problem in ipairs(problems) do list[i] = at_of(problem) end
  return core.json.encode { lunik = 1, ok = errors == 0, problems = list, started = started,
    stand_ins = instead and core.json.array(instead), argv = core.json.array(argv) }
end

local function script(path)
  local text, why
  if path == "-" then text = io.read "a" else text, why = host.contents(path, 1 << 20) end
  if not text then return nil, why end
  local shell = require "lunik.import.shell"
  local argv, line = shell.command(text, host)
  if not argv then return nil, ("%s: %s"):format(path, line) end
  return argv, line
end

-- What `lunik check -- WORD …`, or a script, is to hold: its words | nil, why, exit code.
function check_line.words(list)
  if #list == 1 and not words.is_qemu(list[1]) then return script(list[1]) end
  local name = words.split(list).program
  if name and words.is_qemu(name) then return list end
  return nil, ("one recipe expected, or behind -- a command line of QEMU; '%s' is no QEMU"):format(
    printable(name or list[1])), exit.usage
end

local function summary(argv, problems, errors, known, started)
  local name = printable(argv[1] or "the command line")
  if #problems == 0 then
    return ("%s: %s"):format(name, known and ("QEMU %s %s it"):format(known:version(),
      started and "starts" or "takes") or "fine, as far as can be seen without a QEMU")
  end
  local warnings = #problems - errors
  return ("%s: %d error%s, %d warning%s%s"):format(name, errors, errors == 1 and "" or "s",
    warnings, warnings == 1 and "" or "s", started and "; QEMU starts it" or "")
end

-- Prints what is wrong with a command line, and whether it could start.
function check_line.run(argv, args, out)
  local problems, known, why = problems_of(argv, args)
  local instead, started
  if args.start and known then
    instead, started = try(argv, host.program(binary(argv, args)) or binary(argv, args), problems)
  end
  local errors = count(problems, args.strict)
  if args.json then
    out:write(as_json(argv, problems, errors, instead, started), "\n")
    return errors == 0 and exit.ok or exit.problems
  end
  for _, problem in ipairs(problems) do
    out:write(("%s: %s [%s]\n"):format(problem.severity, problem.message, problem.code))
  end
  out:write(summary(argv, problems, errors, known, started), "\n")
  for _, one in ipairs(instead or {}) do
    out:write(("  in the trial: %s: %s\n"):format(printable(one.field or ""), printable(one.has)))
  end
  if why then out:write("  names that are QEMU's to know are taken as written: ", why, "\n") end
  return errors == 0 and exit.ok or exit.problems
end

return check_line
