-- SPDX-License-Identifier: MIT
-- The lunik program: finds the verb, reads its options, runs it, prints, exits. Only
-- this file and the verbs below cli/ print. A verb is a file that returns
--   { name, summary, args = function(command) … end,
--     run = function(args, out, err) -> exit code | nil, why, exit code }
local exit = require "lunik.exit"
local suggest = require "lunik.suggest"

local cli = {}

-- In the order in which help shows them.
cli.verbs = { "run", "check", "argv", "plan", "import", "help", "version" }

function cli.verb(name) return require("lunik.cli." .. name) end

local function is_verb(name)
  for _, verb in ipairs(cli.verbs) do
    if verb == name then return true end
  end
end

-- The parser; argparse is told of one verb only when that is the one asked for.
local function parser(only)
  local p = require "argparse" "lunik"
  p:description "Launches QEMU machines from Lua recipes."
  p:epilog "`lunik help TOPIC` explains a verb, a family of devices, or a hook point."
  p:require_command(true):command_target "verb"
  for _, name in ipairs(only and { only } or cli.verbs) do
    local verb = cli.verb(name)
    verb.args(p:command(name):summary(verb.summary):description(verb.summary))
  end
  return p
end

-- The options that every verb with a recipe takes.
function cli.recipe_args(command)
  command:argument("recipe", "the recipe, or its folder; left out: vm.lua"):args "?"
  command:option("--set", "override a field of the machine"):argname "FIELD=VALUE":count "*"
end

-- { "cpus=2" } -> { cpus = "2" }, or nil and why.
function cli.settings(list)
  local set = {}
  for _, text in ipairs(list or {}) do
    local name, value = text:match "^([%w_]+)=(.*)$"
    if not name then return nil, ("--set: FIELD=VALUE expected, got '%s'"):format(text) end
    set[name] = value
  end
  return set
end

-- Loads and plans the recipe that the arguments name: plan, machine, or nil, text, code.
function cli.plan(args, options)
  local lunik = require "lunik"
  local set, why = cli.settings(args.set)
  if not set then return nil, why, exit.usage end
  local all = { set = set, limit_memory = true }
  for key, value in pairs(options or {}) do all[key] = value end
  local plan, other = lunik.plan(args.recipe, all)
  if not plan then return nil, lunik.text(other), exit.problems end
  return plan, other
end

local function usage(err, why)
  err:write("lunik: ", why, "\n", "usage: lunik VERB …; `lunik help` lists the verbs\n")
  return exit.usage
end

-- Lines of a message are indented under the verb that says them.
local function complain(err, name, why)
  if why:find "\n" then
    err:write("lunik ", name, ":\n  ", (why:gsub("\n", "\n  ")), "\n")
  else
    err:write("lunik ", name, ": ", why, "\n")
  end
end

local function parse(argv, name)
  local p = parser(name)
  local ok, args = p:pparse(argv)
  if not ok then return nil, args end
  args.recipe = args.recipe or "vm.lua"
  return args
end

-- What could not be written (a full disk, a closed descriptor) is no success.
local function flushed(out, err, code)
  local ok, why = out:flush()
  if ok or code ~= exit.ok then return code end
  err:write("lunik: cannot write: ", why, "\n")
  return exit.problems
end

-- Runs the verb in argv; returns the exit code.
function cli.main(argv, out, err)
  out, err = out or io.stdout, err or io.stderr
  local name = argv[1]
  if name == nil then
    cli.verb "help".run({}, err)
    return exit.usage
  elseif name == "--version" then
    name, argv = "version", { "version" }
  elseif name:sub(1, 1) ~= "-" and not is_verb(name) then
    return usage(err, ("no verb '%s'%s"):format(name, suggest.hint(name, cli.verbs)))
  end
  local args, why = parse(argv, is_verb(name) and name)
  if not args then return usage(err, why) end
  local verb = cli.verb(args.verb)
  local ran, code, text, failed = xpcall(verb.run, debug.traceback, args, out, err)
  if not ran then
    err:write("lunik: bug: ", tostring(code), "\n")
    return exit.bug
  elseif not code then
    complain(err, verb.name, text)
    return failed or exit.problems
  end
  return flushed(out, err, code)
end

return cli
