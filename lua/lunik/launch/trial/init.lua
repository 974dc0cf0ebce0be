-- SPDX-License-Identifier: MIT
-- A trial of a plan: the real QEMU, paused, with the machine's own arguments but for what stands in
-- for all that would change something or take something. It ends with the first answer of its
-- monitor. Nothing has a name on disk, and QEMU dies with this process: nothing is left behind
-- whatever happens.
local blocks = require "lunik.launch.trial.blocks"
local check = require "lunik.schema.check"
local core = require "lunik.core"
local data = require "lunik.plan.data"
local environment = require "lunik.process.environment"
local fcntl = require "posix.fcntl"
local keys = require "lunik.qemu.keys"
local pasted = require "lunik.qemu.pasted"
local place = require "lunik.plan.place"
local qemu = require "lunik.qemu"
local refusal = require "lunik.launch.refusal"
local scratch = require "lunik.launch.trial.scratch"
local signal = require "lunik.system.signal"
local stand_ins = require "lunik.launch.trial.stand_ins"
local unistd = require "posix.unistd"

local MONITOR, FIRST = 3, 4          -- descriptors that QEMU inherits
local PATIENCE = 60                  -- seconds until its monitor answers
local ENDING = 5                     -- seconds that it may take to end
local MOST = 1 << 16                 -- bytes of what it says

local trial = {}
trial.__index = trial

function trial:number(stem)
  self.counts[stem] = (self.counts[stem] or 0) + 1
  return self.counts[stem]
end

-- Gives a device a name by which it is found again.
function trial:named(one)
  one.args.id = one.args.id or self:id "device"
  self.ids[one.key] = one.args.id
end

function trial:id(stem) return ("lunik-%s%d"):format(stem, self:number(stem)) end

-- Notes what stands in for an entry.
function trial:tells(one, text)
  local at, path = one.place()
  self.instead[#self.instead + 1] = { at = at, path = path, why = text }
end

-- Hands a descriptor to QEMU, for a set by whose number it opens one that fits.
local function hand(self, fd, set)
  table.insert(self.scratches, fd)
  table.insert(self.said, { args = {}, place = function() end,
    entry = qemu.entry("add-fd", { fd = FIRST + #self.scratches - 1, set = set }) })
end

-- A scratch image, to be read and to be written: the number of its set of descriptors | nil, why
function trial:scratch(size)
  local fd, why = scratch(size)
  if not fd then return nil, why end
  local set = self:number "set"
  hand(self, fd, set)
  local reading
  reading, why = fcntl.open("/proc/self/fd/" .. fd, fcntl.O_RDONLY | fcntl.O_CLOEXEC)
  if not reading then return nil, why end
  hand(self, reading, set)
  return set
end

function trial:close()
  for _, fd in ipairs(self.scratches) do unistd.close(fd) end
  self.scratches = {}
end
trial.__close = trial.close

local function say(self, one, name, args)
  local entry, why = qemu.entry(name, args, one.props)
  if not entry then return nil, why end
  table.insert(self.said, { name = name, entry = entry, args = args, place = one.place })
  return true
end

-- Makes what QEMU gets of one entry: true | nil, why
local function option(self, one, nodes)
  if one.name == "blockdev" then
    for _, node in ipairs(nodes) do
      if node.one == one then
        local ok, why = say(self, one, "blockdev", node.args)
        if not ok then return nil, why end
      end
    end
    return true
  end
  local stand_in = stand_ins[one.name]
  if one.key then self:named(one) end
  if not stand_in then return say(self, one, one.name, one.args) end
  local args, name = stand_in(self, one, one.args, one.form)
  if not args and one.key then args = stand_ins.placeholder(one.args) end
  if args then return say(self, one, name or one.name, args) end
  return not name or nil, name
end

local function entries(self, machine)
  local out = {}
  for _, entry in ipairs(self.plan.argv) do
    if type(entry) ~= "table" or not entry.row or entry.row.unread then
      return nil, "what raw words or a file of options would do is not known: it has no trial"
    end
    local args = pasted(entry.args)
    if entry.row.grammar == "chardev" then
      args = require "lunik.qemu.grammar.chardev".expand(args) or args
    end
    out[#out + 1] = { name = entry.row.name, args = args, props = entry.props,
      form = keys.form(entry.row, args), place = entry.place or place.of(entry, machine),
      key = self.work and entry.key }
  end
  return out
end

local function prepare(self, machine)
  local list, why = entries(self, machine)
  if not list then return nil, why end
  local nodes
  nodes, why = blocks.nodes(self, list)
  if not nodes then return nil, why end
  for _, one in ipairs(list) do
    local ok
    self.shows = self.shows or one.name == "display" or one.name == "nographic"
    ok, why = option(self, one, nodes)
    if not ok then return nil, why end
  end
  return true
end

-- The words that no recipe has a say in: the monitor, paused, and the filter that the machine has.
local function control(self)
  local list = { qemu.S(), qemu.chardev { "socket", id = "lunik-trial", fd = tostring(MONITOR) },
    qemu.mon { "lunik-trial", mode = "control" } }
  -- without one QEMU opens a window, where it can
  if not self.shows then list[#list + 1] = qemu.display { "none" } end
  for _, entry in ipairs(self.plan.control) do
    if entry.row and entry.row.name == "sandbox" then list[#list + 1] = entry end
  end
  return list
end

local function command(self)
  local argv = {}
  for i, one in ipairs(self.said) do argv[i] = one.entry end
  return data.command({ binary = self.plan.binary, argv = argv, control = control(self) }, "paste",
    true)
end

local function spawn(self, argv, monitor, output)
  local fds = { [1] = output:fd(), [2] = output:fd(), [MONITOR] = monitor:fd() }
  for i, fd in ipairs(self.scratches) do fds[FIRST + i - 1] = fd end
  return core.proc.spawn { argv = argv, env = environment(), cwd = self.dir, fds = fds,
    pdeathsig = signal.KILL }
end

local function said_lines(output)
  local text, bytes = "", ""
  while bytes and #text < MOST do
    text = text .. bytes
    bytes = output:read(4096, nil, 0)
    if bytes == "" then break end
  end
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

-- Whether it answers: true | nil, why
local function answers(process, channel, work)
  local qmp = assert(core.qmp.open(channel))
  local greeting, why = qmp:handshake(PATIENCE)
  if greeting and work then
    work(function(name, arguments) return qmp:exec(name, arguments, PATIENCE) end)
  end
  if greeting then qmp:exec("quit", nil, ENDING) end
  qmp:close()
  if not process:wait(greeting and ENDING or 0.5) then
    process:signal(signal.KILL)
    process:wait(ENDING)
  end
  return greeting and true or nil, why
end

-- QEMU's answer to a command line: true and no lines | nil, why, what it has said
local function start(self, argv)
  local ours, monitor = core.chan.pair()
  local output, theirs = core.chan.pair()
  local process <close>, why = spawn(self, argv, monitor, theirs)
  monitor:close()
  theirs:close()
  local ok
  if process then
    ok, why = answers(process, ours, self.work)
  else
    ours:close()
  end
  local lines = said_lines(output)
  output:close()
  return ok, why, lines
end

-- The words of an entry as QEMU shows them.
local function shown(entry)
  local words = data.command({ binary = "qemu", argv = { entry } }, "paste")
  return words and table.concat(words, " ", 2)
end

local function judged(self, why, lines)
  if not lines[1] then
    local problems = {}
    check.add(problems, self.machine.at, nil, ("QEMU did not start: %s"):format(why), "host")
    return problems
  end
  for _, one in ipairs(self.said) do one.text = shown(one.entry) end
  local one, text, key = refusal.of(self.said, lines)
  local problems = {}
  local at, path = self.machine.at, nil
  if one then at, path = one.place(key, one.args[key or {}]) end
  check.add(problems, at or self.machine.at, path, "QEMU: " .. text, "host")
  return problems
end

-- Tries a plan: the problems, none where QEMU has taken it; and the stand-ins, { at, path, why }
-- each. work(execute), where there is one, asks a QEMU that has taken it: execute(command,
-- arguments) -> what QEMU returned | nil, why. Devices that are left out then have their places
-- held, and of those whose entry has a `key` the ids are returned by it.
return function(plan, machine, host, work)
  local self <close> = setmetatable({ plan = plan, machine = machine, host = host, work = work,
    ids = {},
    dir = plan.cwd or plan.dir, said = {}, instead = {}, scratches = {}, counts = {} }, trial)
  local ok, why = prepare(self, machine)
  local argv
  if ok then argv, why = command(self) end
  if not argv then
    return { { at = machine.at, why = why, about = "host" } }, self.instead, self.ids
  end
  local lines
  ok, why, lines = start(self, argv)
  local problems = ok and {} or judged(self, why, lines)
  for _, problem in ipairs(problems) do problem.code = "qemu-refuses" end
  check.sort(self.instead)
  return problems, self.instead, self.ids
end
