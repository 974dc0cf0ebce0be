-- SPDX-License-Identifier: MIT
-- The lunik program: finds the verb, reads its options, runs it, prints, exits. Only
-- this file and the verbs below cli/ print. A verb is a file that returns
--   { name, summary, example = a command line, more = others, so that each option stands in one,
--     args = function(command, how) … end,    how: see arguments.target
--     run = function(args, out, err, cli) -> exit code | nil, why, exit code }
-- `verbatim`: its options with a value; what follows the machine's name is the guest's. `program`:
-- what follows "--" is, as args.program. `lone`: the machine may be left out before a single word.
-- `dashed`: options whose values may begin with a dash. `hints`: what mends a parser's complaint,
-- by how that begins.
-- What `hidden` names is for programs: no help shows it, and it gets argv as it is.
local colour = require "lunik.cli.colour"
local exit = require "lunik.exit"
local extensions = require "lunik.extensions"
local output = require "lunik.cli.output"
local suggest = require "lunik.text.suggest"

local cli = {}

-- kB that a verb may take before garbage is collected for the first time: most end before
local SPARED = 4096
local CTRL_C = ": interrupted!\nstack traceback:"   -- what the interpreter raises for SIGINT

local NONE_HERE = "no such recipe 'vm.lua'"       -- and maybe none was named

-- In the order in which help shows them; a list among them are rows of lunik.cli.passthrough.
local listed = { "init", "up", "down", "restart", "save", "restore", "fork", "templates", "pool",
  "pools", "claim", "apply", "provision", "rm", "ls", "top", "status", "show", "wait",
  "console", "ssh", "ssh-config", "exec", "shell", "cp", "forward", "mount", "unmount", "mounts",
  "plug", "unplug", "cdrom", "slots", "logs", "events", "qmp",
  { "pause", "resume", "reset", "nmi", "powerdown", "screenshot", "sendkey" }, "adopt", "unit",
  "run", "submit", "jobs", "check", "lock", "argv", "explain", "plan", "import", "types", "doctor",
  "report", "help", "version", "completion" }

cli.verbs = {}
local passed = {}

for _, each in ipairs(listed) do
  for _, name in ipairs(type(each) == "table" and each or { each }) do
    cli.verbs[#cli.verbs + 1], passed[name] = name, type(each) == "table"
  end
end

cli.hidden = { supervise = true, complete = true, job = true, hold = true }

local is_own = {}
for _, name in ipairs(cli.verbs) do is_own[name] = true end

-- Why the arguments of an extension's verb cannot be told to argparse | nil
local function no_args(row)
  if not row.args then return nil end
  local ok, why = pcall(row.args, require "argparse" "lunik":command "verb", {})
  return not ok and ("its args: %s"):format(tostring(why):match "^[^\n]*") or nil
end

extensions.own("verbs", function(name) return is_own[name] or cli.hidden[name] end, no_args)

-- The verb that an extension has of that name | nil, why
local function added(name)
  local verb, why = extensions.row("verbs", name)
  if verb then verb.name, verb.args = name, verb.args or function() end end
  return verb, why
end

-- All verbs, those of extensions last.
function cli.all()
  local more = extensions.names "verbs"
  return table.move(more, 1, #more, #cli.verbs + 1, { table.unpack(cli.verbs) })
end

-- The verb of that name | nil, and why, where that is another reason than that there is none.
function cli.verb(name)
  if not is_own[name] and not cli.hidden[name] then return added(name) end
  if name == "init" then return require "lunik.cli.first" end   -- its own name is this file's
  if passed[name] then return require "lunik.cli.passthrough"[name] end
  return require("lunik.cli." .. name)
end

local function is_verb(name)
  return is_own[name] or not cli.hidden[name] and cli.verb(name) ~= nil
end

-- What help of a verb ends with: what it says itself, and its examples.
local function epilog(verb)
  local usage = require "lunik.cli.usage"
  local examples = usage.examples(verb)
  if #examples == 0 then return nil end
  local note = usage.of(verb).note
  return (note and note .. "\n\n" or "") .. "For example: "
    .. table.concat(examples, "\n             ")
end

-- The parser; argparse is told of one verb only when that is the one asked for.
local function parser(only, how)
  local p = require "argparse" "lunik"
  p:description "Launches QEMU machines from Lua recipes."
  p:epilog "`lunik help TOPIC` explains a verb, a family of devices, or a hook point."
  p:require_command(true):command_target "verb"
  for _, name in ipairs(only and { only } or cli.all()) do
    local verb = cli.verb(name)
    local command = p:command(name):summary(verb.summary):description(verb.summary)
    verb.args(command, how)
    local last = how.help and epilog(verb)
    if last then command:epilog(last) end
  end
  return p
end

-- The verb for a word that is none: what other programs call so, or what is spelled nearly so.
local function meant(word)
  local ours = require "lunik.cli.synonyms"[word]
  return ours and ("; did you mean '%s'?"):format(ours) or suggest.hint(word, cli.all())
end

-- What the verb has to say of a complaint: "; where the guest has it …". Where -m names the
-- machine, what is missing does not stand in its place.
local function hint(verb, why, named)
  if named and why:find "^missing argument" then return "" end
  for beginning, text in pairs(verb and cli.verb(verb).hints or {}) do
    if why:sub(1, #beginning) == beginning then return "; " .. text end
  end
  return ""
end

local function usage(err, why, verb, named)
  err:write("lunik: ", why, hint(verb, why, named), "\n",
    verb and ("usage: see lunik %s --help\n"):format(verb)
    or "usage: lunik VERB …; `lunik help` lists the verbs\n")
  return exit.usage
end

-- Lines of a message are indented under the verb that says them.
local function complain(err, name, why)
  local who = colour.paint(err, ("lunik %s:"):format(name), "bad")
  if why:find "\n" then
    err:write(who, "\n  ", (why:gsub("\n", "\n  ")), "\n")
  else
    err:write(who, " ", why, "\n")
  end
end

-- What follows a machine's name belongs to the guest's program, options included: everything is
-- verbatim from the first word on that is neither an option nor an option's value.
-- "--" before any such word stands for it: the machine is left out.
local function verbatim(argv, valued, how)
  local at, named = 2, how.named
  while argv[at] and argv[at]:sub(1, 1) == "-" and argv[at] ~= "--" do
    at = at + (valued[argv[at]] and 2 or 1)
  end
  if argv[at] == "--" then how.named, named = true, true end
  local out = table.move(argv, 1, at - 1, 1, {})
  out[#out + 1] = "--"
  if argv[at] == "--" then at = at + 1 end
  local rest = table.move(argv, at, #argv, 1, {})
  if rest[2] == "--" and not named then table.remove(rest, 2) end
  return table.move(rest, 1, #rest, #out + 1, out)
end

-- An option and its value in one word, where the value may look like an option.
local function joined(argv, dashed)
  local out, at = {}, 1
  while argv[at] do
    local value = dashed[argv[at]] and argv[at + 1]
    out[#out + 1] = value and argv[at] .. "=" .. value or argv[at]
    at = at + (value and 2 or 1)
  end
  return out
end

-- A verb that starts a machine takes a program of the guest's after "--": the rest, the program.
local function split(argv)
  for at, word in ipairs(argv) do
    if word == "--" then
      return table.move(argv, 1, at - 1, 1, {}), table.move(argv, at + 1, #argv, 1, {})
    end
  end
  return argv
end

-- Whether it could be parsed, and the arguments, or why not. A machine that is named by an option
-- (`how.named`) leaves its place to the other words: they are read again, without it.
local function parse_words(argv, name, how)
  local verb, before = name and cli.verb(name), how.named
  local words = argv
  if verb and verb.verbatim then words = verbatim(argv, verb.verbatim, how) end
  if verb and verb.dashed then words = joined(argv, verb.dashed) end
  local ok, args = parser(name, how):pparse(words)
  if how.named and not before then return parse_words(argv, name, how) end
  if not ok and verb and verb.lone and not how.named then
    local alone, read = parse_words(argv, name, { named = true })
    if alone then return alone, read end
  end
  return ok, args
end

local function asks_for_help(argv)
  for _, word in ipairs(argv) do
    if word == "-h" or word == "--help" then return true end
  end
end

local function parse(argv, name)
  local program
  if name and cli.verb(name).program then argv, program = split(argv) end
  local how = { help = asks_for_help(argv) }
  local ok, args = parse_words(argv, name, how)
  if not ok then return nil, args, how.named end
  if program and not program[1] then return nil, "a program of the guest's expected after --" end
  args.program = program
  if args.recipe == nil then args.recipe = "vm.lua" end
  return args
end

-- What a command line says, without doing it: the arguments | nil, why, whether -m was there
function cli.read(argv) return parse(argv, argv[1]) end

-- What could not be written (a full disk, a closed descriptor) is no success.
local function flushed(out, err, code)
  local ok, why = out:flush()
  if ok or code ~= exit.ok then return code end
  err:write("lunik: cannot write: ", why, "\n")
  return exit.problems
end

-- A verb that has looked for machines where its user may not have meant says so.
local function noted(err, name)
  local facts = package.loaded["lunik.host.facts"]
  local note = facts and rawget(facts, "runtime_note")
  if note and not cli.hidden[name] then err:write("lunik: note: ", note, "\n") end
end

-- Whether it is about the machine of a job: "slurm:1234_5", as no machine is named.
local function names_job(argv)
  for _, word in ipairs(argv) do
    if word:find "^%l+:[%w._-]+" then return require "lunik.cli.relay".is_for(argv) end
  end
  return false
end

local function relayed_to(name) return { name = name, run = require "lunik.cli.relay".run } end

-- Runs the verb in argv; returns the exit code.
function cli.main(argv, out, err)
  out, err = output.new(out or io.stdout), err or io.stderr
  if argv[0] then require "lunik.program".is(argv[0]) end
  local name = argv[1]
  if name == nil then
    cli.verb "help".run({}, err, err, cli)
    return exit.usage
  elseif name == "--version" then
    name, argv = "version", { "version" }
  elseif name:sub(1, 1) ~= "-" and not is_verb(name) and not cli.hidden[name] then
    local _, why = cli.verb(name)
    return usage(err, why or ("no verb '%s'%s"):format(name, meant(name)))
  end
  local args, why, named = argv, nil, nil
  local relayed = not cli.hidden[name] and names_job(argv)
  if not cli.hidden[name] and not relayed then
    collectgarbage("step", -SPARED)
    args, why, named = parse(argv, is_verb(name) and name)
  end
  if not args then return usage(err, why, is_verb(name) and name, named) end
  local verb = relayed and relayed_to(name) or cli.verb(args.verb or name)
  local ran, code, text, failed = xpcall(verb.run, debug.traceback, args, out, err, cli)
  noted(err, name)
  if not ran and tostring(code):find(CTRL_C, 1, true) then
    complain(err, verb.name, "interrupted")
    return exit.interrupted
  elseif not ran then
    local whose = verb.extension and (" of the extension '%s'"):format(verb.extension) or ""
    err:write("lunik: bug", whose, ": ", tostring(code), "\n")
    return exit.bug
  elseif not code then
    complain(err, verb.name, text == NONE_HERE and text .. "; lunik init writes one" or text)
    return failed or exit.problems
  end
  return flushed(out, err, code)
end

return cli
