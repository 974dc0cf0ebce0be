-- SPDX-License-Identifier: MIT
-- `lunik up`: machines that live on their own. It returns when they are ready.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local progress = require "lunik.cli.progress"
local shown = require "lunik.cli.shown"
local signal = require "posix.signal"
local stdio = require "lunik.cli.stdio"
local timeline = require "lunik.async.timeline"
local together = require "lunik.supervisor.together"
local up = require "lunik.supervisor.up"

local verb = { name = "up", summary = "start machines that live on their own", program = true }
verb.example = "lunik up vm.lua"
verb.more = { "lunik up vm.lua --set memory=8G --paused", "lunik up vm.lua --json" }

function verb.args(command)
  command:argument("recipe",
    "recipes, their folders, or names of machines that ran before; left out: vm.lua"):args "*"
  command:option("--set", "override a field of the machine"):argname "FIELD=VALUE":count "*"
  command:flag("--paused", "leave the machine paused: --set paused=true")
  command:flag("--json", "progress and result as JSON, an object a line")
  command:epilog "-- PROGRAM …: then run a program in the guest, as lunik exec -i does."
end

-- What is known of other machines: most recipes are given by their path, and start.
local function machines() return require "lunik.supervisor.machines" end

-- A name that is no path is a machine that was started before: its recipe, and what --set said
-- then, unless it says something now | nil, why
local function recipe_of(argument, set)
  local before = not require "lunik.host".kind(argument) and argument:find "^%w[%w._-]*$"
                 and machines().remembered(argument)
  if not before or not before.recipe then return argument, set end
  local clone = machines().not_again(argument, before)
  if clone then return nil, clone end
  return before.recipe, #set > 0 and set or machines().settings(before)
end

local session = {}
session.__index = session

-- Who starts a machine anew that was put away may have meant to go on.
local function saved_before(self, one)
  if not require "lunik.host".kind(one.plan.state .. "/saved") then return end
  local path = machines().saved(one.name, machines().remembered(one.name))
  if not path then return end
  self.progress:tell(one.name, "saved", ("it starts anew; lunik restore %s goes on from what was "
    .. "saved in %s"):format(one.name, path))
end

local function clones() return require "lunik.cli.clone" end

-- The plan of a machine that is a clone of its recipe's template, and its machine | nil, why, code
local function cloned(self, one, machine, given)
  local plan, other, list = clones().plan(self.loop, given.recipe, one.plan, machine,
    { set = given.set, host = one.host, kept = true, begun = function(made) one.making = made end,
      tell = function(kind, text, name) self.progress:tell(name, kind, text) end })
  if not plan then return nil, other, list end
  one.plan, one.clone, one.memory, one.set_to = plan, list, list.memory, list[1].set
  return plan, other
end

local function planned(self, one)
  local recipe, set = one.argument, one.set
  if not set then recipe, set = recipe_of(one.argument, self.args.set) end
  if not recipe then return nil, set, exit.problems end
  set = arguments.paused(set, self.args.paused)
  local differs = one.differs and one.differs()
  if differs then return nil, differs, exit.problems end
  local plan, machine, code = arguments.plan({ recipe = recipe, set = set },
    { kept = true, host = one.host, saved = one.saved })
  if not plan then return nil, machine, code end
  local no_road = self.args.program and arguments.no_road(plan)
  if no_road then return nil, no_road, stdio.FAILED end
  one.name, one.plan = plan.name, plan
  local is_clone = not one.saved and clones().is_wanted(machine)
  if is_clone then
    plan, machine, code = cloned(self, one, machine, { recipe = recipe, set = set })
    if not plan then return nil, machine, code end
  end
  if is_clone or not one.saved then saved_before(self, one) end
  local ok, why = one.up:carry(plan, machine, { set = one.set_to or arguments.settings(set),
                                                memory = one.memory })
  return ok, why, exit.start
end

local function told(self, one)
  return function(kind, text)
    self.progress:tell(one.name, kind, text)
    if kind == "qemu" then self.progress:wait(one.name, one.plan.ready.timeout or 120) end
  end
end

-- Why it was not started; of one that runs already, whether it is what would be started now.
local function refused(self, one, why)
  local how, _, vm = machines().look(one.name, self.loop)
  if vm then vm:close() end
  local changes = how == "up" and not one.saved
    and require "lunik.supervisor.since".told(one.name, one.up.kept)
  return changes and ("%s; %s"):format(why, changes) or why
end

-- One machine: its status | nil, why, exit code
local function start(self, one, from)
  local why, code
  one.timeline = timeline.new(self.loop.now)
  one.timeline:begin "supervisor"
  one.up, why = up.begin(self.loop, nil, from.source)
  if not one.up then return nil, why, exit.start end
  one.timeline:begin "plan"
  local ok
  ok, why, code = planned(self, one)
  if not ok then return nil, why, code end
  one.timeline:begin "start"
  local status, lines, late
  status, why, code, late, lines = one.up:await(told(self, one))
  one.timeline:inside(one.up.steps or {})
  one.timeline:finish()
  self.progress:waited(one.name)
  if late then
    return nil, shown.late(one.name, why, lines), code
  end
  if not status then return nil, refused(self, one, why), code end
  return status
end

-- What it has taken its time for, with what was done before for all of them.
local function profile(self, one)
  local steps = core.json.array {}
  if self.args.before then table.move(self.args.before:read(), 1, 100, 1, steps) end
  table.move(one.timeline:read(), 1, 100, #steps + 1, steps)
  self.progress:profile(one.name, steps)
end

local function report(self, one, status)
  if self.args.profile then profile(self, one) end
  if self.args.json then
    self.out:write(core.json.encode { lunik = 1, machine = one.name, kind = "up",
                                      status = status }, "\n")
    return
  end
  for _, line in ipairs(shown.access(status)) do
    self.progress:tell(one.name, "access", line)
  end
end

local function each(self, one, from)
  local status, why, code = start(self, one, from)
  if one.up then from.held:add(one.up) end
  if one.clone then one.clone:close() end
  if status then
    one.code = exit.ok
    return report(self, one, status)
  end
  one.code = self.interrupted and exit.killed or code or exit.start
  self.failed[#self.failed + 1] = { one = one, why = why }
end

-- The first request undoes what is not up yet; each further one is more urgent.
local function hear(self)
  while true do
    self.loop:wait(self.signals:fd(), "r")
    if self.signals:next(0) then
      self.interrupted = true
      for _, one in ipairs(self.list) do
        if one.making then one.making:stop() end
        if one.up and not one.code then one.up:stop() end
      end
    end
  end
end

local function work(self)
  local listener = self.loop:spawn("signals", hear, self)
  together(self.loop, self.list, { at_once = self.args.at_once, over = function()
    return self.interrupted
  end }, function(one, from) each(self, one, from) end)
  listener:cancel()
  self.progress:close()
end

-- Whether all have failed for one reason.
local function is_one(failed)
  for _, failure in ipairs(failed) do
    if tostring(failure.why) ~= tostring(failed[1].why) then return false end
  end
  return true
end

-- What went wrong, and the exit code of the first that did. What is about all is said once.
local function result(self)
  if #self.failed == 0 then return exit.ok end
  if #self.failed == #self.list and is_one(self.failed) then
    return nil, tostring(self.failed[1].why), self.failed[1].one.code
  end
  local words = {}
  for i, failure in ipairs(self.failed) do
    local name = #self.list > 1 and (failure.one.name or failure.one.argument) .. ": " or ""
    words[i] = name .. tostring(failure.why)
  end
  return nil, table.concat(words, "\n"), self.failed[1].one.code
end

function verb.run(args, out, err)
  local known, why = arguments.settings(args.set)
  if not known then return nil, why, exit.usage end
  local signals <close> = assert(core.signals.open { signal.SIGINT, signal.SIGTERM, signal.SIGHUP })
  local l <close> = loop.new()
  local self = setmetatable({ loop = l, args = args, out = out, err = err, list = {},
    failed = {}, signals = signals,
    progress = progress.new(l, { json = args.json, out = out, err = err }) }, session)
  local given = type(args.recipe) == "table" and args.recipe or {}
  for i, argument in ipairs(#given > 0 and given or { "vm.lua" }) do
    self.list[i] = type(argument) == "table" and argument or { argument = argument }
  end
  if args.program and #self.list > 1 then
    return nil, "a program is run in the guest of one machine", exit.usage
  end
  l:run(work, self)
  local code, problem, failed = result(self)
  if not code or not args.program then
    return code, problem, args.program and failed ~= exit.killed and stdio.FAILED or failed
  end
  return require "lunik.cli.exec".run({ machine = self.list[1].name, command = args.program,
                                        stdin = true }, out, err)
end

return verb
