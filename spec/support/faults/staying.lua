-- A machine whose supervisor stays where it is about to write a text into its record, of which each
-- step is written down before it begins: spec/support/stay_at.c is loaded into it for that. There
-- its processes are killed, or something else happens, and it goes on.
local assert = require "luassert"
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local poll = require "posix.poll"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local staying = {}
staying.__index = staying

local PATIENCE = 120
local KILL = 9

-- Has all programs of a house stay where they are told.
function staying.prepare(self, home)
  self.home, self.pipes = home, {}
  local shim = home.dir .. "/stay_at.so"
  assert(os.execute(("cc -shared -fPIC -o '%s' spec/support/stay_at.c"):format(shim)))
  home.env[#home.env + 1] = ("LD_PRELOAD=%s %s"):format(os.getenv "LD_PRELOAD" or "", shim)
  home.env[#home.env + 1] = "STAY_AT=" .. home.dir
  for _, name in ipairs { "here", "go" } do
    stat.mkfifo(home.dir .. "/" .. name, 384)
    self.pipes[name] = assert(fcntl.open(home.dir .. "/" .. name, fcntl.O_RDWR | fcntl.O_NONBLOCK))
  end
end

local function pid(record, pattern) return math.tointeger(tonumber(record:match(pattern))) end

-- Starts a verb, and waits until the supervisor of the machine `name` stays where it is about to
-- write `text`: self.verb, and self.pids of what there is by then.
function staying:stay(text, name, ...)
  self.pids = {}
  scratch.write(self.home.dir .. "/text", text)
  self.verb = self.home:start({}, ...)
  local fds = { [self.pipes.here] = { events = { IN = true } } }
  if poll.poll(fds, PATIENCE * 1000) ~= 1 then
    self.verb:wait(1)
    error(text .. ": is not reached: " .. self.verb.text)
  end
  unistd.read(self.pipes.here, 100)
  self.reached = os.time()
  local record = self:record(name)
  self.pids = { supervisor = pid(record, '"supervisor":{"pid":(%d+)'),
                qemu = pid(record, '"qemu":{"pid":(%d+)'),
                virtiofsd = pid(record, '"name":"fs%-[^"]*","pid":(%d+)')
                            or pid(record, '"pid":(%d+),"name":"fs%-'),
                verb = self.verb.proc:pid() }
end

-- The text that is about to be the record of the machine.
function staying:record(name)
  return scratch.read(("%s/run/lunik/%s/vm.json.tmp"):format(self.home.dir, name))
end

-- Kills one of them, and lets the supervisor go on, unless it is to stay.
function staying:kill(who, stays)
  local proc <close> = assert(core.proc.open(assert(self.pids[who], who .. ": is not there")))
  proc:signal(KILL)
  assert(proc:wait(PATIENCE), who .. " does not die")
  if who ~= "supervisor" and not stays then self:go() end
end

function staying:go() unistd.write(self.pipes.go, ".") end

-- Waits for the verb's end: its exit code | nil where it was killed
function staying:finish()
  local how, code = self.verb:wait(PATIENCE)
  local text = self.verb.text
  self.verb:close()
  assert(how, "it hangs: " .. text)
  assert.falsy(text:find("bug:", 1, true), text)
  assert.falsy(text:find("traceback", 1, true), text)
  return how == "exited" and code or nil
end

function staying:close()
  for _, name in ipairs { "here", "go" } do unistd.close(self.pipes[name]) end
  self.home:close()
end

return staying
