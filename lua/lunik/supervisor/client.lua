-- SPDX-License-Identifier: MIT
-- The handle on a machine that a supervisor of its own runs, for any program: over its control
-- socket. Within a task of the caller's loop (lunik.loop) its methods yield; elsewhere they
-- block, with deadlines.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local monitor = require "lunik.qmp.monitor"

local client = {}
client.__index = client

local PATIENCE = 30
local GREETING = 3         -- a machine that is just starting answers when it has started

local function call(self, fn, ...)
  if self.loop:can_wait() then return fn(self, ...) end
  return self.loop:run(fn, self, ...)
end

-- A method that waits.
local function method(name, fn)
  client[name] = function(self, ...) return call(self, fn, ...) end
end

local function hear(self, event)
  for _, each in ipairs(self.hooks) do
    if each.name == event.event or each.name == "event" then each.fn(self, event) end
  end
  if event.event == "LUNIK_ENDED" then self.ended:set(event.data) end
end

local function open(self, path)
  local chan, why, code = core.chan.connect(path, 1)
  if not chan then return nil, why, code end
  self.monitor, why, code = monitor.open(self.loop, chan)
  if not self.monitor then return nil, why, code end
  self.monitor:on_event(function(event) hear(self, event) end)
  local ok
  ok, why, code = self.monitor:exec("lunik-status", nil, GREETING)
  if ok then return self end
  self.monitor:close()
  return nil, why, code
end

-- Attaches to the machine whose control socket is at `path`. `within` is the caller's loop.
-- nil, why, errno: ECONNREFUSED is a supervisor that is gone, ENOENT a machine that is.
function client.open(name, path, within)
  local self = setmetatable({ name = name, loop = within or loop.new(), hooks = {} }, client)
  self.ended = self.loop:latch()
  return call(self, open, path)
end

-- Runs a QMP command, of QEMU's or lunik's own: what it returned | nil, why, class
method("qmp", function(self, command, arguments, seconds)
  return self.monitor:exec(command, arguments, seconds or PATIENCE)
end)

-- What `lunik status --json` prints | nil, why
function client:status() return self:qmp "lunik-status" end

-- Every forward: { name, protocol, address, port, guest }
function client:forwards() return self:qmp "lunik-forwards" end

-- The host's port of a forward | nil, why
function client:forward(name)
  local list, why = self:forwards()
  for _, each in ipairs(list or {}) do
    if each.name == tostring(name) then return each.port end
  end
  return nil, why or ("no forward named '%s'"):format(name)
end

-- { guest =, port =, address =, protocol =, name = }: the forward with its real port | nil, why
function client:add_forward(asked) return self:qmp("lunik-forward-add", asked) end

function client:remove_forward(name)
  return self:qmp("lunik-forward-remove", { name = tostring(name) })
end

-- The argument vector that reaches the guest by ssh | nil, why
function client:ssh_argv(...)
  return self:qmp("lunik-ssh", { argv = ... and core.json.array { ... } or nil })
end

-- Runs a program in the guest: status, stdout, stderr | nil, why, class. argv.seconds limits it,
-- argv.input is its standard input. One that a signal ended has the status 128 and the signal.
function client:exec(argv)
  local list = core.json.array(table.move(argv, 1, #argv, 1, {}))
  local done, why, class = self:qmp("lunik-exec", { argv = list, seconds = argv.seconds,
    ["input-b64"] = argv.input and base64.encode(argv.input) }, math.huge)
  if not done then return nil, why, class end
  return done.status or 128 + done.signal, base64.decode(done["out-b64"]),
         base64.decode(done["err-b64"])
end

-- Arguments with every text that is not UTF-8 in base64, as JSON needs it.
local function portable(fields)
  local out = {}
  for key, value in pairs(fields) do
    if type(value) == "string" and not utf8.len(value) then
      out[key .. "-b64"] = base64.encode(value)
    else
      out[key] = value
    end
  end
  return out
end

-- Mounts a directory of the host, { from =, to =, tag =, readonly =, owner =, … }: the mount, as
-- `mounts` lists it | nil, why
function client:mount(fields)
  return self:qmp("lunik-mount", portable(fields), math.huge)
end

-- Unmounts by tag, or by its place here or there: true | nil, why. options: force, seconds
function client:unmount(name, options)
  local asked = portable { name = name, force = options and options.force,
                           seconds = options and options.seconds }
  local ok, why, class = self:qmp("lunik-unmount", asked, math.huge)
  return ok and true, why, class
end

-- Every mount; with a list of those that are wanted, changed to that first | nil, why
function client:mounts(wanted)
  local list = wanted and core.json.array {}
  for i, each in ipairs(wanted or {}) do list[i] = portable(each) end
  return self:qmp("lunik-mounts", { wanted = list }, math.huge)
end

-- Plugs the fields of a family: { id, family, label, port } | nil, why
function client:plug(family, fields, options)
  return self:qmp("lunik-plug", { family = family, fields = core.json.object(fields),
    text = options and options.text, dir = options and options.dir }, math.huge)
end

function client:unplug(name, options)
  local ok, why, class = self:qmp("lunik-unplug", { name = name, force = options and options.force,
    seconds = options and options.seconds }, math.huge)
  return ok and true, why, class
end

-- The ports: { port, id, family, label, state, boot } | nil, why
function client:slots() return self:qmp "lunik-slots" end

-- `fn(vm, event)` is called for every event of that name, or for all ("event"), while a method
-- waits. It must not wait itself.
function client:on(name, fn)
  self.hooks[#self.hooks + 1] = { name = name, fn = fn }
end

-- Asks the machine to stop, or, once it is stopping, more urgently; `rung` is the first one.
function client:stop(reason, rung)
  return self:qmp("lunik-stop", { reason = reason, rung = rung })
end

local function ended(self, seconds)
  local over = self.loop:latch()
  local tasks = {
    self.loop:spawn("ended", function() over:set(self.ended:wait()) end),
    self.loop:spawn("closed", function()
      self.monitor.closed:wait()
      over:set(nil, "the machine's supervisor is gone")
    end),
  }
  local how, why = over:wait(seconds)
  for _, task in ipairs(tasks) do task:cancel() end
  return how, why or not how and "timed out" or nil
end

-- Waits until the machine is "ready": true | nil, why; or for its end: how it ended
-- { kind, text, code, … } | nil, why.
method("wait", function(self, seconds, what)
  if what ~= "ready" then return ended(self, seconds) end
  local ok, why, class = self.monitor:exec("lunik-wait", { ["for"] = "ready", seconds = seconds },
                                           seconds and seconds + PATIENCE or math.huge)
  return ok and true, why, class
end)

-- Lets go of it; the machine runs on.
function client:close()
  self.monitor:close()
end

client.__close = client.close

return client
