-- SPDX-License-Identifier: MIT
-- A clone of a saved machine by hand: the floor of the benches about forks. Its overlay is made,
-- QEMU started on the plan's argv, the state read, `cont`; then a program that holds its
-- connections open has the guest's agent make it another machine, and mounts a folder there.
local bare = require "bare"
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local measure = require "measure"
local time = require "posix.time"
local unistd = require "posix.unistd"

local clone = {}
clone.__index = clone

local PATIENCE = 120

-- Copies what is in memory, holes left out, as cp does it.
local function copy(from, to)
  local pid = unistd.getpid()
  measure.run { measure.program "cp", "--sparse=always", ("/proc/%d/fd/%d"):format(pid, from),
                ("/proc/%d/fd/%d"):format(pid, to) }
end

-- Whoever asks again and again takes the time of the guest, whose host may be busy.
local function pause() time.nanosleep { tv_sec = 0, tv_nsec = 1000000 } end

-- Waits for the end of what QEMU reads: it tells.
local function incoming(qmp, fd)
  assert(qmp:exec("migrate-set-capabilities", { capabilities = {
    { capability = "x-ignore-shared", state = true } } }, PATIENCE))
  assert(qmp:submit("getfd", { fdname = "state" }, { fds = { fd } }))
  assert(qmp:exec("migrate-incoming", { uri = "fd:state" }, PATIENCE))
  while assert(qmp:exec("query-status", nil, PATIENCE)).status == "inmigrate" do pause() end
end

-- Starts one until its agent answers. source: memory (a handle of core.ram, in which it stands
-- where `private`, and which is copied where not), state() (its descriptor, open anew)
function clone.start(plan, source, private)
  local self = setmetatable({ one = bare.new(plan), plan = plan }, clone)
  self.one.memory = private and source.memory or nil
  self.one.fill = not private and function(_, fd) copy(source.memory:fd(), fd) end or nil
  self.qmp = bare.answer(self.one:start())
  local state = source.state()
  incoming(self.qmp, state)
  unistd.close(state)
  self.agent = assert(core.chan.connect(plan:runtime_file "agent.sock", 5))
  assert(self.qmp:exec("cont", nil, PATIENCE))
  self:ask("guest-sync", { id = 7 })
  return self
end

function clone:ask(command, arguments)
  assert(self.agent:send(core.json.encode { execute = command, arguments = arguments } .. "\n", 5))
  return core.json.decode(assert(self.agent:receive(PATIENCE)))["return"]
end

-- What a script of the guest's shell writes.
function clone:guest(script, input)
  local pid = self:ask("guest-exec", { path = "sh", arg = core.json.array { "-c", script },
    ["capture-output"] = true, ["input-data"] = input and base64.encode(input) }).pid
  local state = self:ask("guest-exec-status", { pid = pid })
  while not state.exited do
    pause()
    state = self:ask("guest-exec-status", { pid = pid })
  end
  local out = base64.decode(state["out-data"] or "")
  assert(state.exitcode == 0, base64.decode(state["err-data"] or ""))
  return out
end

local RENEW = [[
hostname "$name" && date -u -s "@$now" >/dev/null &&
printf %%b '%s' >/dev/shm/reseed && chmod 700 /dev/shm/reseed && /dev/shm/reseed &&
rm /dev/shm/reseed && for card in /sys/class/net/eth0; do
  ip link set dev eth0 address "$mac" || { ip link set dev eth0 down
    ip link set dev eth0 address "$mac"; ip link set dev eth0 up; }
done]]

local program = core.guest.reseed("x86_64"):gsub("[^%w]", function(byte)
  return ("\\0%03o"):format(byte:byte())
end)

local function random(bytes)
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  return source:read(bytes)
end

-- Another machine: a name, an address, the time, and random numbers of its own.
function clone:renew()
  local mac = "52:54:00" .. random(3):gsub(".", function(c) return (":%02x"):format(c:byte()) end)
  self:guest(("name=%s now=%d mac=%s\n"):format(self.plan.name, os.time(), mac)
             .. RENEW:format(program), random(64))
end

-- The program of a daemon of virtiofs for a folder.
local function daemon(folder)
  local found = assert(require "lunik.host".virtiofsd())
  return found.make == "c" and { found.path, "-f", "-o", "source=" .. folder, "-o", "cache=auto",
                                 "-o", "xattr", "--fd=3" }
         or { found.path, "--shared-dir", folder, "--cache", "auto", "--xattr", "--fd=3" }
end

-- A folder of the host, until a file in it can be read.
function clone:mount(folder)
  local path = self.plan:runtime_file "floor-fs.sock"
  local listening = assert(core.chan.listen(path))
  local connection = assert(core.chan.connect(path, 5))
  self.daemon = assert(core.proc.spawn { argv = daemon(folder), env = measure.environment,
                                         fds = { [3] = listening:fd() } })
  listening:close()
  assert(self.qmp:submit("getfd", { fdname = "floor" }, { fds = { connection:fd() } }))
  assert(self.qmp:exec("chardev-add", { id = "fl", backend = { type = "socket", data = {
    addr = { type = "fd", data = { str = "floor" } }, server = false } } }, PATIENCE))
  assert(self.qmp:exec("device_add", { driver = "vhost-user-fs-pci", id = "fl", bus = "hotplug1",
    addr = "0", chardev = "fl", tag = "floor", ["queue-size"] = 1024 }, PATIENCE))
  connection:close()
  self:guest [[mkdir -p /floor
    until mount -t virtiofs floor /floor 2>/dev/null; do :; done; cat /floor/f]]
end

function clone:close()
  self.agent:close()
  bare.quit(self.qmp)
  self.one:close()
  if self.daemon then
    self.daemon:wait(10)
    self.daemon:close()
  end
end

return clone
