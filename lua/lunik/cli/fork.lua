-- SPDX-License-Identifier: MIT
-- `lunik fork`: new machines that go on from where one was saved, each with disks, forwards, logs
-- and mounts of its own. What was saved stays what it is.
local clone = require "lunik.cli.clone"
local exit = require "lunik.exit"
local forks = require "lunik.supervisor.fork"
local host = require "lunik.host"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local restore = require "lunik.cli.restore"
local saved = require "lunik.supervisor.restore"
local timeline = require "lunik.async.timeline"
local up = require "lunik.cli.up"

local fork = { name = "fork", summary = "start clones of a saved machine, from where it was saved" }
fork.example = "lunik fork ~/saved/dev -n 8 --forward auto"

-- What clones may be asked to have.
function fork.options(command)
  command:option("--forward", "auto: where the recipe says a port of this host, a free one")
    :choices { "auto" }
  command:option("--mount", "a directory of the host in each of them, {n} in it the clone's number")
    :argname "DIRECTORY[:PLACE][:ro]":count "*"
  command:option("--memory", "private: all stand in what was saved, and nothing can be mounted in "
    .. "them; copied: each has its own; default: private where nothing could be mounted")
    :choices { "private", "copied" }
  command:option("--recipe", "by this recipe, where its own has moved"):argname "FILE"
    :target "recipe_file"
  command:flag("--unsafe", "start them where nothing can be made their own in the guest: random "
    .. "numbers, name, addresses")
end

function fork.args(command)
  command:argument("file", "the folder of a saved machine, or the name of one that was saved "
    .. "without one; or a recipe with template { … }, which is prepared first")
  command:option("-n --number", "how many"):argname "N":default "1"
  command:option("--as", "what they are called, with {n} where the number is to be; default: the "
    .. "machine's name and \"-{n}\""):argname "NAME"
  fork.options(command)
  command:flag("--profile", "say what it has taken its time for, step by step")
  command:flag("--json", "progress and result as JSON, an object a line")
end

local function running(word)
  local how = not host.kind(word) and word:find "^%w[%w._-]*$" and machines.look(word)
  return how and how ~= "down" and how ~= "gone"
end

-- What those ask for.
function fork.asked(args)
  local mounts = {}
  for i, text in ipairs(args.mount) do mounts[i] = forks.mount(text) end
  mounts = mounts[1] and mounts
  return { forward = args.forward, mounts = mounts, memory = args.memory, unsafe = args.unsafe,
           recipe = saved.recipe(args.recipe_file) }
end

-- A recipe, whose template is forked: its path | nil
local function recipe_of(word)
  if host.kind(word) == "file" or word:find "%.lua$" then return word end
  if host.kind(word) == "directory" and not host.kind(word .. "/machine.json") then
    return host.kind(word .. "/vm.lua") and word or nil
  end
end

-- Where the clones go on from: a folder, and what else is asked then | nil, why, code
function fork.source(args, out, err)
  local recipe = not args.recipe_file and recipe_of(args.file)
  if not recipe then return saved.place(args.file), {} end
  local folder, other, code = clone.folder(recipe, args.json, out, err)
  if not folder then return nil, other, code end
  return folder, { template = true, name = other, as = other .. "-{n}" }
end

-- The clones, which are to be closed | nil, why, code. before: what is done for all of them
local function opened(args, before, out, err)
  local folder, more, code = fork.source(args, out, err)
  if not folder then return nil, more, code end
  local asked = fork.asked(args)
  asked.n, asked.as = math.tointeger(tonumber(args.number)) or args.number, args.as
  asked.timeline = before
  function asked.tell(_, text, name) err:write(name, ": ", text, "\n") end
  local list, why = forks.open(folder, setmetatable(asked, { __index = more }), function(one)
    return restore.differs(one, function(text) err:write(one.machine.name, ": ", text, "\n") end)
  end)
  return list, why, exit.problems
end

function fork.run(args, out, err)
  local before = timeline.new(loop.now)
  local list <close>, why, code = opened(args, before, out, err)
  before:finish()
  if not list and running(args.file) then
    why = ("machine '%s' runs: lunik save puts it away, and clones start from there"):format(
      args.file)
  end
  if not list then return nil, why, code end
  for _, each in ipairs(list) do
    each.argument, each.set = each.recipe, machines.settings(each)
    each.memory = list.memory
  end
  return up.run({ recipe = list, json = args.json, set = {}, at_once = host.cpus,
                  profile = args.profile, before = before }, out, err)
end

return fork
