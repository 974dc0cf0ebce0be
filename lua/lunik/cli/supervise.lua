-- SPDX-License-Identifier: MIT
-- `lunik supervise [--adopt DIR | --recipe PATH FIELD=VALUE… | --several | --pool | --clones]
-- [--leave]`: a machine's supervisor. Not for people: `up` starts it with a link as descriptor 3,
-- or with one over which several such links come, `adopt` with the machine's directory as well,
-- systemd with a recipe. `pool` starts the process of a pool by it, vm:fork one that starts clones.
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"

local supervise = { name = "supervise",
                    summary = "be the supervisor of a machine (started by up, adopt, systemd)" }

local LINK = 3
local SERVERS = { ["--pool"] = "lunik.cli.pool", ["--clones"] = "lunik.cli.cloner" }
local SPARED = 640         -- kB before the first collection: they are modules, which stay

-- What every supervisor loads, sooner or later.
local function preload()
  return require "lunik.supervisor", require "lunik.launch.qemu", require "lunik.vm",
         require "lunik.supervisor.ahead"()
end

-- Nobody's child: a program that lives on need not wait for our end.
local function leave()
  local unistd = require "posix.unistd"
  local pid = unistd.fork()
  if pid ~= 0 then unistd._exit(pid and 0 or 1) end
end

-- One process for each link that comes over descriptor 3, all with the same modules in memory:
-- that is what many machines at once are started from. Returns in each of them, with its link.
local function several()
  preload()
  local unistd = require "posix.unistd"
  local source = assert(core.chan.adopt(LINK))
  while true do
    local bytes, fds = source:read(1, nil, 1)
    if not bytes then unistd._exit(0) end
    local pid = type(fds) == "table" and unistd.fork()
    if pid == 0 then
      source:close()
      return fds[1]
    end
    if type(fds) == "table" then unistd.close(fds[1]) end
  end
end

-- Were the starter's end among 0 to 2, its closing would never be seen.
local function linked(l, fd)
  assert(core.proc.standard(fd or LINK))
  return require "lunik.supervisor.link".new(l, assert(core.chan.adopt(fd or LINK)))
end

local function snapshot() return require "lunik.recipe.snapshot" end

local function of_directory(dir)
  local kept, why = snapshot().of_directory(dir)
  if kept or why:find "lunik down" then return kept, why end
  return nil, why .. "; lunik down --force ends the machine"
end

-- The folder in which a recipe's machine was put away when its host went | nil
local function put_away(path, set)
  local machine = require "lunik".load(path, { set = set, limit_memory = true, saved = "any" })
  if not machine or machine.on_host_shutdown ~= "save" then return nil end
  local machines = require "lunik.supervisor.machines"
  return machines.saved(machine.name, machines.remembered(machine.name))
end

-- The plan by which it goes on from there, its machine, what --set says | nil, why, code
local function going_on(folder, path)
  local lunik = require "lunik"
  local one, why = require "lunik.supervisor.restore".open(folder, { recipe = path })
  if not one then return nil, why end
  local told = {}
  why = require "lunik.cli.restore".differs(one, function(text) told[#told + 1] = text end)
  if why then return nil, ("it is saved in %s, and cannot go on:\n%s"):format(folder, why) end
  local plan, machine = lunik.plan(one.recipe, { set = one.set, kept = true, saved = one.saved,
                                                 limit_memory = true })
  if not plan then return nil, lunik.text(machine) end
  table.move(told, 1, #told, #plan.told + 1, plan.told)
  return plan, machine, one.set
end

-- The plan of a clone of the recipe's template, its machine, what --set says | nil, why, code. Its
-- memory is copied from the file: whoever could hand it over is gone by then.
local function clone_of(path, list, plan, machine)
  local clones = require "lunik.cli.clone"
  if not clones.is_wanted(machine) then return plan, machine end
  local l <close> = loop.new()
  local made, other, clone = l:run(clones.plan, l, path, plan, machine,
    { set = list, kept = true, alone = true, begun = function() end,
      tell = function(_, text, name) io.stderr:write(name, ": ", text, "\n") end })
  if not made then return nil, other, clone end
  clone:close()
  return made, other, clone[1].set
end

-- The snapshot of what is to be started | nil, why, code
local function kept_of(path, list)
  local arguments = require "lunik.cli.arguments"
  local set, why = arguments.settings(list)
  if not set then return nil, why, exit.usage end
  local folder = put_away(path, set)
  local plan, machine, code
  if folder then
    plan, machine, set = going_on(folder, path)
  else
    plan, machine, code = arguments.plan({ recipe = path, set = list }, { kept = true })
  end
  if plan and not folder then
    local now
    plan, machine, now = clone_of(path, list, plan, machine)
    if plan then set = now or set else code = now end
  end
  if not plan then return nil, machine, code end
  local kept
  kept, why = require "lunik.supervisor.up".snapshot(plan, machine, set)
  if not kept then return nil, why end
  kept.plan.places = plan:places()
  return kept
end

-- A systemd unit names a recipe. Checking and planning it takes modules and memory that a
-- supervisor has no use for: the process begins anew, with the snapshot in a file without a name.
local function become(path, set)
  local kept, why, code = kept_of(path, set)
  if not kept then return nil, why, code end
  local file = assert(io.tmpfile())
  file:write(snapshot().encode(kept))
  file:seek("set", 0)
  require "posix.unistd".dup2(require "posix.stdio".fileno(file), LINK)
  local argv = assert(require "lunik.program".argv("supervise", "--snapshot"))
  argv[0] = table.remove(argv, 1)
  return nil, select(2, require "posix.unistd".exec(argv[0], argv)), exit.start
end

local function of_file()
  local file <close> = assert(io.open(("/proc/self/fd/%d"):format(LINK), "rb"))
  return snapshot().decode(file:read "a")
end

local function options_of(argv, l, fd)
  local kept, why, code
  if argv[2] == "--recipe" then
    return become(argv[3] or "vm.lua", table.move(argv, 4, #argv, 1, {}))
  end
  if argv[2] == "--snapshot" then
    kept, why, code = of_file()
    return kept and { kept = kept, notify = require "lunik.supervisor.notify".take() }, why, code
  elseif argv[2] == "--adopt" then
    local link = linked(l)
    kept, why = of_directory(argv[3])
    if kept then return { kept = kept, adopt = true, link = link } end
    link:say("failed", why, { code = exit.start })
    return nil
  end
  return { link = linked(l, fd) }
end

function supervise.run(argv)
  collectgarbage("step", -SPARED)
  if argv[#argv] == "--leave" then leave() end
  local fd = argv[2] == "--several" and several()
  local l <close> = loop.new()
  return l:run(function()
    local server = SERVERS[argv[2]]
    if server then return require(server).serve(l, linked(l)) end
    local options, why, code = options_of(argv, l, fd)
    if not options and not why then return exit.start end     -- the link has been told why
    if not options then return nil, why, code end
    options.notify = options.notify or function() return true end
    local how
    how, why = require "lunik.supervisor".run(l, options)
    -- whoever waits at the link has been told
    if how then return how.code end
    if options.link then return exit.start end
    return nil, why, exit.start
  end)
end

return supervise
