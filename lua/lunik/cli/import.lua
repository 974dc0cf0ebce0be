-- SPDX-License-Identifier: MIT
-- `lunik import`: a QEMU command line, from wherever it stands, as a recipe.
local core = require "lunik.core"
local exit = require "lunik.exit"
local import = require "lunik.import"

local verb = { name = "import", summary = "turn a QEMU command line into a recipe" }
verb.example = "lunik import start.sh -o vm.lua"
verb.more = { "lunik import --pid 1234 --json", "lunik import --batch" }

function verb.args(command)
  command:argument("source", "a shell script (-: on standard input), or behind -- the "
    .. "command line itself"):args "*"
  command:mutex(
    command:option("--pid", "of a running QEMU"):argname "PID":convert(math.tointeger),
    command:flag("--batch", "command lines on standard input, as JSON lines with id and argv"))
  command:option("-o --output", "write the recipe to FILE; relative paths become those that its "
    .. "folder sees"):argname "FILE"
  command:flag("--json", "with its command line and notes, as JSON")
end

local function options_of(head, more)
  local options = { host = require "lunik.host", head = { head },
    dir = require "posix.unistd".getcwd(), console = true }
  for key, value in pairs(more or {}) do options[key] = value end
  return options
end

local function answer(line, options)
  local asked, why = core.json.decode(line)
  if type(asked) ~= "table" or type(asked.argv) ~= "table" then
    return { error = why or "an object with id and argv expected" }
  end
  local ok, made
  ok, made, why = xpcall(import.argv, debug.traceback, asked.argv, options)
  if not ok then made, why = nil, "bug: " .. made end
  made = made or { error = why }
  made.id = asked.id
  return made
end

local function batch(out)
  local options = options_of(nil, { programs = {}, console = false })
  -- nothing lives longer than a line but what is remembered on purpose
  collectgarbage "generational"
  for line in io.lines() do
    if line:find "%S" then
      local text, why = core.json.encode(answer(line, options))
      out:write(text or core.json.encode { error = why }, "\n")
    end
  end
  return exit.ok
end

-- The folder of the recipe that is written | nil where it goes to standard output.
local function folder_of(args, host)
  local folder = args.output and (args.output:match "^(.*/)[^/]*$" or ".")
  return folder and host.real(folder)
end

local function of_process(args)
  local options = options_of(("imported from process %d"):format(args.pid))
  local folder = folder_of(args, options.host)
  local argv, dir, changed = require "lunik.import.proc".argv(args.pid, options.host, folder)
  if not argv then return nil, dir end
  if changed and not folder then
    options.head[2] = ("relative paths were made absolute: it ran in %s"):format(dir)
  end
  return argv, options
end

-- What was seen from `dir` is seen from the recipe's folder; where nobody says which that is, it is
-- said that it must be the same.
local function settled(argv, dir, args, options, err)
  local paths, folder = require "lunik.import.paths", folder_of(args, options.host)
  if folder then return (paths.moved(argv, dir, folder, options.host)), options end
  local any
  paths.rewrite(argv, function(path, what)
    any = any or what ~= "searched" or options.host.kind(dir .. "/" .. path)
    return path
  end)
  if any then
    err:write(("lunik import: relative paths are taken as seen from %s: the recipe belongs there, "
      .. "or -o FILE rewrites them\n"):format(require "lunik.text.printable"(dir)))
  end
  return argv, options
end

local function text_of(path, host)
  if path == "-" then return io.read "a" end
  return host.contents(path, 1 << 20)
end

local function of_script(path, args, err)
  local options = options_of()
  local text, why = text_of(path, options.host)
  if not text then return nil, why end
  local shell = require "lunik.import.shell"
  local argv, line, notes, defaults = shell.command(text, options.host)
  if not argv then return nil, ("%s: %s"):format(path, line) end
  options.head = { ("imported from %s, line %d"):format(
    path == "-" and "standard input" or path, line), table.unpack(notes) }
  options.shown, options.defaults = shell.shown, defaults
  local folder = path ~= "-" and (path:match "^(.*/)[^/]*$" or ".")
  return settled(argv, folder and options.host.real(folder) or options.dir, args, options, err)
end

local function source_of(args, err)
  local list = args.source
  if args.pid then return of_process(args) end
  if #list == 1 and not require "lunik.import.words".is_qemu(list[1]) then
    return of_script(list[1], args, err)
  end
  local options = options_of "imported from a command line"
  return settled(list, options.dir, args, options, err)
end

local function text_of_made(made, args)
  if not args.json then return made.recipe end
  made.lunik = 1
  local text, why = core.json.encode(made)
  return text and text .. "\n", why
end

local function write(made, args, out)
  local text, why = text_of_made(made, args)
  if not text then return nil, why end
  if not args.output then return out:write(text) end
  local file
  file, why = io.open(args.output, "w")
  if not file then return nil, why end
  local ok
  ok, why = file:write(text)
  local closed, problem = file:close()
  return ok and closed, why or problem
end

function verb.run(args, out, err)
  if args.batch and args.output then
    return nil, "--batch answers on standard output: no -o FILE", exit.usage
  end
  if args.batch then return batch(out) end
  if #args.source == 0 and not args.pid then
    return nil, "a script, --pid PID, --batch, or -- and a command line expected", exit.usage
  end
  local argv, options = source_of(args, err)
  if not argv then return nil, options end
  local made, why = import.argv(argv, options)
  if not made then return nil, why end
  local ok
  ok, why = write(made, args, out)
  if not ok then return nil, why end
  return exit.ok
end

return verb
