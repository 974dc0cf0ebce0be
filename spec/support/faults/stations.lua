-- The stations of a machine's way at which the fault matrix kills something: how a machine is
-- brought there and made to stay, without any test code in lunik. Fake programs come first in
-- PATH, or a hook of the recipe sleeps.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local house = require "support.house"
local poll = require "posix.poll"
local scratch = require "support.scratch"
local records = require "lunik.store.records"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local stations = {}
stations.__index = stations

local PATIENCE = 90

-- FAULT says at which station the machine is to stay.
local RECIPE = [[
local at = env "FAULT"
local function stay(point)
  return at == point and on(point, function(vm)
    print("HOOK " .. point)
    vm:sleep(at == "exit" and 2 or 600)
  end)
end
return machine { name = "m", accel = "tcg", memory = "64M",
  qemu = at == "handshake" and %q or nil,
  ready = at == "ready" and "console: never said" or "qmp",
  stop = { powerdown = 60, quit = 60, term = 1 },
  disk { file = %q, overlay = true },
  not env "NO_MOUNT" and mount { from = %q, to = "/work" },
  on("RESUME", function() print "HOOK running" end),
  on("helper-died", function(vm, helper) print("HOOK helper " .. helper.name) end),
  stay "started", stay "stop", stay "exit",
}]]

function stations.new()
  local home = house.new()
  local self = setmetatable({ home = home }, stations)
  for _, name in ipairs { "share", "bin" } do stat.mkdir(home.dir .. "/" .. name, 448) end
  assert(os.execute("qemu-img create -q -f qcow2 '" .. home.dir .. "/base.qcow2' 1M"))
  self.fifo = home.dir .. "/fifo"
  stat.mkfifo(self.fifo, 384)
  self.fd = assert(fcntl.open(self.fifo, fcntl.O_RDWR | fcntl.O_NONBLOCK))
  scratch.write(home.dir .. "/bin/qemu-img",
                ("#!/bin/sh\necho here >'%s'\nexec sleep 600\n"):format(self.fifo), 448)
  scratch.write(home.dir .. "/fake-qemu", "#!/bin/sh\nexec sleep 600\n", 448)
  self.recipe = home:recipe("m", RECIPE:format(home.dir .. "/fake-qemu",
    home.dir .. "/base.qcow2", home.dir .. "/share"))
  self.plain = table.move(home.env, 1, #home.env, 1, {})
  return self
end

-- The surroundings in which the recipe stays at a station.
local function set(self, fault)
  local env = table.move(self.plain, 1, #self.plain, 1, {})
  env[#env + 1] = "FAULT=" .. (fault or "")
  if fault == "files" then env[1] = "PATH=" .. self.home.dir .. "/bin:" .. os.getenv "PATH" end
  self.home.env = env
end

local function here(self)
  local fds = { [self.fd] = { events = { IN = true } } }
  assert(poll.poll(fds, PATIENCE * 1000) == 1, "the fake qemu-img was not started")
  unistd.read(self.fd, 100)
end

-- How each is reached. `cli` is the process that is at it: up, or down.
local ways = {}

local function up(self, fault, ...)
  set(self, fault)
  return self.home:start({}, "up", ...)
end

-- Waits until the machine's record says that it is at `step`.
local function recorded(self, step)
  local runtime = self.home.dir .. "/run/lunik/m"
  local watch <close> = assert(core.watch.open())
  assert(watch:add(runtime, "moved_to"))
  while (records.read(runtime) or {}).step ~= step do assert(watch:next(PATIENCE)) end
end

function ways.files(self)
  self.cli = up(self, "files", self.recipe)
  here(self)
  self.cli:expect("helper fs%-work started", PATIENCE)
end

function ways.handshake(self)
  self.cli = up(self, "handshake", self.recipe)
  self.cli:expect("fake%-qemu started", PATIENCE)
end

function ways.started(self)
  self.cli = up(self, "started", self.recipe)
  self.cli:expect("HOOK started", PATIENCE)
end

function ways.ready(self)
  self.cli = up(self, "ready", self.recipe)
  self.cli:expect("HOOK running", PATIENCE)
  recorded(self, "running")
end

local function running(self, fault)
  set(self, fault)
  self.home:does("up", self.recipe)
end

function ways.running(self) running(self) end

local function down(self, fault, ...)
  running(self, fault)
  set(self)
  self.pids = self:processes()
  self.cli = self.home:start({}, "down", ...)
end

ways["stop hook"] = function(self)
  down(self, "stop", "m")
  self.cli:expect("HOOK stop", PATIENCE)
end

-- Firmware without a system does not hear its power button.
function ways.powerdown(self)
  down(self, nil, "m")
  self.cli:expect("asking the guest to power off", PATIENCE)
end

function ways.quit(self)
  running(self)
  self.pids = self:processes()
  core.proc.open(self.pids.qemu):signal(19)
  self.cli = self.home:start({}, "down", "--force", "m")
  self.cli:expect("telling QEMU to quit", PATIENCE)
end

ways["exit hook"] = function(self)
  down(self, "exit", "--force", "m")
  self.cli:expect("HOOK exit", PATIENCE)
end

stations.order = { "files", "handshake", "started", "ready", "running", "stop hook", "powerdown",
                   "quit", "exit hook" }

function stations:reach(name)
  self.cli, self.pids = nil, nil
  ways[name](self)
  self.pids = self.pids or self:processes()
  self.pids.cli = self.cli and self.cli.proc:pid()
  set(self)
end

-- The numbers of the machine's processes by their part.
function stations:processes()
  local found = {}
  local record = records.read(self.home.dir .. "/run/lunik/m")
  found.supervisor = record and record.supervisor.pid
  for _, one in ipairs(record and require "lunik.process.orphans".find(record.id) or {}) do
    found[one.part == "fs-work" and "virtiofsd" or one.part or "qemu-img"] = one.pid
    one.proc:close()
  end
  return found
end

function stations:close()
  unistd.close(self.fd)
  self.home:close()
end

return stations
