-- SPDX-License-Identifier: MIT
-- `lunik fork`: new machines that go on from where one was saved, or is now, each with disks,
-- forwards, logs and mounts of its own. What was saved stays what it is, what runs runs on.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local clone = require "lunik.cli.clone"
local exit = require "lunik.exit"
local forks = require "lunik.supervisor.fork"
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local restore = require "lunik.cli.restore"
local saved = require "lunik.supervisor.restore"
local source = require "lunik.supervisor.source"
local timeline = require "lunik.async.timeline"
local up = require "lunik.cli.up"

local fork = { name = "fork", summary = "start clones of a machine that runs, or of a saved one" }
fork.example = "lunik fork dev -n 8 --forward auto"
fork.more = { "lunik fork ~/saved/dev --as job-{n} --mount out/{n}:/out --memory copied --profile",
  "lunik fork dev --to ~/saved/clones --force --json",
  "lunik fork ~/saved/dev --recipe vm.lua --unsafe", "lunik fork ~/saved/dev --host-keys" }

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
  command:flag("--host-keys", "give the sshd of each guest keys of its own, once it is up")
  command:flag("--unsafe", "start them where nothing can be made their own in the guest: random "
    .. "numbers, name, addresses")
end

function fork.args(command)
  command:argument("file", "the name of a machine that runs, and runs on; or the folder of a saved "
    .. "one, or the name of one that was saved without one; or a recipe with template { … }, which "
    .. "is prepared first")
  command:option("-n --number", "how many"):argname "N":default "1"
  command:option("--as", "what they are called, with {n} where the number is to be; default: the "
    .. "machine's name and \"-{n}\""):argname "NAME"
  fork.options(command)
  command:option("--to", "of one that runs: where what its clones start from is kept, for later "
    .. "ones; default: in its state directory, as long as they run"):argname "FILE"
  command:flag("--force", "of one that runs: take mounts away from whoever uses them, for a moment")
  command:flag("--profile", "say what it has taken its time for, step by step")
  command:flag("--json", "progress and result as JSON, an object a line")
end

-- What those ask for.
function fork.asked(args)
  local mounts = {}
  for i, text in ipairs(args.mount) do mounts[i] = forks.mount(text) end
  mounts = mounts[1] and mounts
  return { forward = args.forward, mounts = mounts, memory = args.memory, unsafe = args.unsafe,
           host_keys = args.host_keys, recipe = saved.recipe(args.recipe_file) }
end

-- A recipe, whose template is forked: its path | nil
local function recipe_of(word)
  if host.kind(word) == "file" or word:find "%.lua$" then return word end
  if host.kind(word) == "directory" and not host.kind(word .. "/machine.json") then
    return host.kind(word .. "/vm.lua") and word or nil
  end
end

-- The template of a recipe, where one is named: its folder, and what else is asked then | false
-- | nil, why, code
local function of_template(args, out, err)
  local recipe = not args.recipe_file and recipe_of(args.file)
  if not recipe then return false end
  local folder, other, code = clone.folder(recipe, args.json, out, err)
  if not folder then return nil, other, code end
  return folder, { template = true, name = other, as = other .. "-{n}" }
end

-- Where clones of what does not run go on from: a folder, and what else is asked then
-- | nil, why, code
function fork.source(args, out, err)
  local folder, more, code = of_template(args, out, err)
  if folder == false then return saved.place(args.file), {} end
  return folder, more, code
end

-- A folder that the clones start from, or that is made of a machine that runs
-- (lunik.supervisor.source) | nil, why
local function place(args, asked, err)
  local to = args.to and kind.absolute(args.to, { host = host, dir = host.real "." })
  local from, why = source.open(args.file, { to = to, force = args.force, hear = function(vm)
    asked.timeline:begin "running machine"
    attached.hear(vm, err)
  end, refusal = function(before)
    return forks.refusal(before, asked, function(one)
      return arguments.plan({ recipe = one.recipe, set = machines.settings(one) }, { kept = true })
    end)
  end })
  if from and from.stood_still and not args.json then
    err:write(("%s: its guest stood still for %.2f s\n"):format(from.made, from.stood_still))
  end
  return from, why
end

-- Where the clones go on from, and what else is asked then | nil, why, code
local function begin(args, asked, out, err)
  local wrong = forks.wrong(asked)
  if wrong then return nil, wrong, exit.problems end
  local folder, more, code = of_template(args, out, err)
  if folder == false then
    local from, why = place(args, asked, err)
    return from, from and {} or why, exit.problems
  end
  return folder and source.at(folder), more, code
end

-- What is asked for. before: what is done for all of them (lunik.async.timeline)
local function wanted(args, before, err)
  local asked = fork.asked(args)
  asked.n, asked.as = math.tointeger(tonumber(args.number)) or args.number, args.as
  asked.timeline = before
  function asked.tell(_, text, name) err:write(name, ": ", text, "\n") end
  return asked
end

function fork.run(args, out, err)
  local before = timeline.new(loop.now)
  local asked = wanted(args, before, err)
  local from <close>, more, code = begin(args, asked, out, err)
  if not from then return nil, more, code end
  local list <close>, why = forks.open(from.path, setmetatable(asked, { __index = more }),
    function(one)
      return restore.differs(one, function(text) err:write(one.machine.name, ": ", text, "\n") end)
    end)
  before:finish()
  if not list then return nil, why, exit.problems end
  for _, each in ipairs(list) do
    each.argument, each.set = each.recipe, machines.settings(each)
    each.memory = list.memory
  end
  return up.run({ recipe = list, json = args.json, set = {}, at_once = host.cpus,
                  profile = args.profile, before = before }, out, err)
end

return fork
