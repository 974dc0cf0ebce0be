-- SPDX-License-Identifier: MIT
-- `lunik pool`: clones of a saved machine that stand ready to be claimed. It returns when they do;
-- a process of its own has others in the places of those that were claimed.
local core = require "lunik.core"
local exit = require "lunik.exit"
local fork = require "lunik.cli.fork"
local kind = require "lunik.schema.kind"
local loop = require "lunik.async.loop"
local pools = require "lunik.supervisor.pool"
local printable = require "lunik.text.printable"
local restore = require "lunik.cli.restore"
local shown = require "lunik.cli.shown"

local pool = { name = "pool", summary = "have clones of a saved machine stand ready" }
pool.example = "lunik pool ~/saved/dev --warm 4 --max 20"
pool.more = {
  "lunik pool dev --name ci --budget 8G --forward auto --mount src:/src:ro --memory copied --json",
  "lunik pool ~/saved/dev --recipe vm.lua --unsafe --foreground", "lunik pool dev --host-keys",
  "lunik pool --stop ci" }

function pool.args(command)
  command:argument("file", "the folder of a saved machine, or the name of one that was saved "
    .. "without one; or a recipe with template { … }, which is prepared first"):args "?"
  command:option("--name", "what the pool is called, and its clones, with a number; default: as "
    .. "the machine"):argname "NAME"
  command:option("--warm", "how many stand ready; default: 2"):argname "N"
  command:option("--max", "how many there may be, with those that were claimed; default: five "
    .. "times as many"):argname "N"
  command:option("--budget", "how much memory all of them may take, such as 8G; default: three "
    .. "quarters of what the host has to spare"):argname "SIZE"
  fork.options(command)
  command:flag("--foreground", "be the pool's process: for systemd")
  command:option("--stop", "end a pool, and the clones that nobody has claimed"):argname "POOL"
  command:flag("--json", "as JSON")
end

-- What keeps the saved machine from going on, and what a clone is planned by.
local function roads(tell)
  local function differs(one) return restore.differs(one, function(text) tell("note", text) end) end
  return differs, function(each, one)
    local lunik = require "lunik"
    local why = restore.differs(one, function() end)
    if why then return nil, why end
    local plan, machine = lunik.plan(each.recipe, { set = each.set, kept = true,
                                                    saved = each.saved, limit_memory = true })
    return plan, plan and machine or lunik.text(machine)
  end
end

-- Runs a pool to its end, with its signals: true | nil, why. begun(self), ready(self): of
-- lunik.supervisor.pool.keeper
local function run(l, asked, tell, begun, ready)
  local keeper, signals = require "lunik.supervisor.pool.keeper", require "lunik.supervisor.signals"
  local differs, plan = roads(tell)
  local self, early
  local _ <close> = assert(signals.open(l, function(why)
    if self then self:stop(why) else early = why end
  end))
  return keeper.run(l, asked, { differs = differs, plan = plan, tell = tell, ready = ready,
    begun = function(it)
      self = it
      if begun then begun(it) end
      if early then l:spawn("stop", self.stop, self, early) end
    end })
end

-- The process of a pool, for `lunik supervise`: a task of `l`, with the link of who has started it.
function pool.serve(l, link)
  local asked, why = link:take()
  if not asked then return nil, why, exit.start end
  local log
  local function tell(what, text)
    if log then log:write((what == "problem" and "problem: " or "") .. text) end
    link:say(what, text)
  end
  local up, rotate = false, nil
  local function begun(self)
    local path = require "lunik.supervisor.pool.places".log(asked.name)
    log = require "lunik.supervisor.log".open(path)
    rotate = require "lunik.supervisor.rotate".new(l, { tell = tell })
    if rotate:add(path) then l:spawn_for(function() end, "log", rotate.work, rotate) end
    l:spawn("link", function()
      repeat until not link:asked()
      if not up then self:stop "lunik pool has ended" end
    end)
  end
  local ok
  ok, why = run(l, asked, tell, begun, function(self)
    up = true
    link:say("up", nil, { status = self:status() })
    link:hush()
  end)
  if not up then link:say("failed", why) end
  return ok and exit.ok or exit.start
end

-- What the arguments ask for | nil, why, code
local function asked(args, stdout, err)
  local folder, more, code = fork.source(args, stdout, err)
  if not folder then return nil, more, code end
  local out = fork.asked(args)
  local budget, why
  if args.budget then
    budget, why = kind.size.read(args.budget)
    if not budget then return nil, "--budget: " .. why, exit.usage end
  end
  out.path, out.name, out.budget = folder, args.name or more.name, budget
  out.template = more.template
  for field, name in pairs { warm = "warm", most = "max" } do
    out[field] = args[name] and (math.tointeger(tonumber(args[name])) or args[name])
  end
  local whole
  whole, why = pools.asked(out)
  return whole, why, exit.problems
end

local function stop(l, args, out, err)
  local left, why = pools.stop(l, args.stop)
  if not left then return nil, why, exit.problems end
  if args.json then
    out:write(core.json.encode { lunik = 1, name = args.stop, left = core.json.array(left) }, "\n")
    return exit.ok
  end
  err:write(args.stop, ": stopped\n")
  for _, name in ipairs(left) do
    err:write(("%s: %s was claimed, and runs on\n"):format(args.stop, name))
  end
  return exit.ok
end

local function ready(args, status, out, err)
  if args.json then
    out:write(core.json.encode { lunik = 1, pool = status }, "\n")
    return exit.ok
  end
  local count = 0
  for _, one in ipairs(status.clones) do count = count + (one.state == "ready" and 1 or 0) end
  err:write(("%s: %d clone%s stand%s ready, in %s of memory\n"):format(status.name, count,
    count == 1 and "" or "s", count == 1 and "s" or "", shown.size(status.memory)))
  if count < status.warm then
    err:write(("%s: more do not: %s\n"):format(status.name, printable(status.held_back or "?")))
  end
  return exit.ok
end

local function teller(args, name, err)
  return function(what, text)
    if args.json and what ~= "problem" then return end
    err:write(("%s: %s%s\n"):format(name, what == "problem" and "problem: " or "", text))
    err:flush()
  end
end

local function foreground(l, it, args, out, err)
  local notify = require "lunik.supervisor.notify".take()
  local ok, why = run(l, it, teller(args, it.name, err), nil, function(self)
    ready(args, self:status(), out, err)
    out:flush()
    notify "READY=1"
  end)
  if ok then return exit.ok end
  return nil, why, exit.start
end

function pool.run(args, out, err)
  local l <close> = loop.new()
  if args.stop then return l:run(stop, l, args, out, err) end
  if not args.file then return nil, "the folder of a saved machine expected", exit.usage end
  local it, why, code = asked(args, out, err)
  if not it then return nil, why, code end
  if args.foreground then return l:run(foreground, l, it, args, out, err) end
  local attached = require "lunik.cli.attached"
  return l:run(attached.until_interrupted, l, "nothing of the pool stays", function()
    local status
    status, why = pools.start(l, it, teller(args, it.name, err))
    if not status then return nil, why, exit.start end
    return ready(args, status, out, err)
  end)
end

return pool
