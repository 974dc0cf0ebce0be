-- SPDX-License-Identifier: MIT
-- What a start, and everything that it calls, knows of the machine: plan, loop, how to take back
-- what was done, who hears of progress, and the record that is written before each step.
local unistd = require "posix.unistd"
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local timeline = require "lunik.async.timeline"

local context = {}
context.__index = context

-- What the programs we start may see of our environment.
local PASSED = { "PATH", "HOME", "LANG", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "DISPLAY", "XAUTHORITY",
                 "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER" }

local function environment(id)
  local env = { "LUNIK_ID=" .. id }
  for _, name in ipairs(PASSED) do
    local value = os.getenv(name)
    if value then env[#env + 1] = name .. "=" .. value end
  end
  return env
end

local function random_id()
  local source, why = io.open("/dev/urandom", "rb")
  if not source then return nil, why end
  local _ <close> = source
  return (source:read(16):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- The sockets that lunik itself speaks on, by path: how they are known in `channels`.
local function wanted(plan, options)
  local want = {}
  for _, spec in ipairs(plan.descriptors) do
    if spec.name == "lunik-monitor" then want[spec.path] = spec.name end
  end
  if plan.guest.agent then want[plan.guest.agent.path] = "agent" end
  if plan.console and (options.console or options.shared or plan.ready.kind == "console") then
    want[plan.console.path] = "console"
  end
  return want
end

-- The machine's record: what is about to happen, written before it does: true | nil, why
local function intend(self, step)
  self.step = step
  self.timeline:begin(self.doing or step)
  local record = { lunik = 1, name = self.plan.name, id = self.id, step = step,
                   recipe = self.about.recipe and portable.text(self.about.recipe),
                   tied = self.tied or false, began = self.clock, ready = self.ready or false,
                   supervisor = { pid = unistd.getpid() }, helpers = {}, temporary = {} }
  record.forwards = core.json.array(self.forwards or {})
  record.devices = core.json.array(portable.encode(self.devices and self.devices()
                                                  or self.plan.devices or {}))
  record.qemu = self.qemu and { pid = self.qemu:pid() }
  record.saving, record.doing = self.saving, self.doing
  local saved = self.plan.saved
  record.stands = saved and saved.fork and portable.text(saved.dir) or nil
  for i, each in ipairs(self.helpers) do
    record.helpers[i] = { name = each.name, pid = each:pid() }
  end
  for _, file in ipairs(self.plan.files) do
    if not file.keep then table.insert(record.temporary, portable.text(file.path)) end
  end
  for _, device in ipairs(record.devices) do
    table.move(device.temporary or {}, 1, #(device.temporary or {}), #record.temporary + 1,
               record.temporary)
  end
  return records.save(self.plan.runtime, record)
end

-- `tell(kind, text)` hears of progress, `intend(step)` writes the record down: functions, since
-- they are called from rooms below. `started` takes back what was done (lunik.process.undo).
function context.new(plan, loop, options, started)
  local id, why = random_id()
  if not id then return nil, why end
  local self = setmetatable({
    plan = plan, loop = loop, id = id, started = started, env = environment(id),
    tied = options.tied, shielded = options.shielded, seconds = options.seconds or 60,
    tell = options.tell or function() end, memory = options.memory,
    hooks = options.hooks, policies = options.policies, again = options.again,
    where = options.where, clones = options.clones, settled = options.settled or function() end,
    about = { recipe = options.recipe, texts = options.texts, began = os.time(),
              supervisor = unistd.getpid(),
              logs = plan.kept and plan.state or plan.runtime },
    ready_when = options.ready, prepare = options.prepare, leaving = options.leaving,
    console = options.console,
    paused = options.paused or plan.paused, meanwhile = options.meanwhile or function() end,
    claimed = options.claimed or function() return true end,
    wanted = wanted(plan, options),
    began = loop.now(), clock = os.time(), timeline = timeline.new(loop.now), channels = {},
    connections = {}, helpers = {} }, context)
  function self.intend(step) return intend(self, step) end
  return self
end

-- The machine is known by this id already: what is started for it from now on carries it.
function context:is_machine(id)
  self.id, self.env = id, environment(id)
end

return context
