-- SPDX-License-Identifier: MIT
-- A small guest for the benches of hot plug, in a directory of its own: lunik's machine "m", and a
-- floor beside it, a program with connections of its own to the same QEMU and the same guest.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local measure = require "measure"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local surroundings = require "surroundings"

local room = {}
room.__index = room

local RECIPE = [[
local guest, floor = %q, %q
return machine { name = "m", accel = "tcg", cpus = 1, memory = "512M",
  kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img",
  append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off panic=-1", %s }
]]

-- What a floor needs in the guest: an agent's port of its own, and lunik's.
room.FLOOR = [[
  qemu.chardev { "socket", id = "floor", path = floor, server = true, wait = false },
  device { "virtserialport", chardev = "floor", name = "floor", id = "floor" },
  agent {}, hotplug { ports = 16 } ]]

function room.new(items)
  local self = setmetatable({ dir = surroundings.dir }, room)
  self.agent = self.dir .. "/agent.sock"
  self:write("vm.lua", RECIPE:format(stdlib.realpath "build/guest", self.agent, items))
  self:lunik("up", self.dir .. "/vm.lua")
  return self
end

function room:write(name, text)
  local file <close> = assert(io.open(self.dir .. "/" .. name, "w"))
  file:write(text)
end

function room:folder(name)
  stat.mkdir(self.dir .. "/" .. name, 448)
  return self.dir .. "/" .. name
end

-- Runs the lunik program: its output.
function room:lunik(...)
  return measure.lunik(... ~= "up" and 2 or nil, ...), self
end

function room:guest(script)
  return (self:lunik("exec", "m", "--", "sh", "-c", script))
end

local floor = {}
floor.__index = floor

-- Connections to QEMU's second monitor, and to a second agent that is started in the guest.
function room:floor()
  self:guest("qemu-ga -d -m virtio-serial -p /dev/virtio-ports/floor -t /tmp -f /tmp/ga.pid "
             .. "</dev/null >/dev/null 2>&1")
  local new = setmetatable({
    monitor = assert(core.qmp.open(assert(core.chan.connect(self.dir .. "/run/lunik/m/qmp.sock",
                                                            5)))),
    agent = assert(core.chan.connect(self.agent, 5)) }, floor)
  assert(new.monitor:handshake(5))
  return new
end

function floor:qmp(command, arguments, fds)
  local value, why = self.monitor:exec(command, arguments, 10, fds)
  return assert(value, why)
end

function floor:ask(command, arguments)
  self.agent:send(core.json.encode { execute = command, arguments = arguments } .. "\n", 5)
  return core.json.decode(assert(self.agent:receive(10)))["return"]
end

-- What a script of the guest's shell writes; polled without a pause.
function floor:guest(script)
  local pid = self:ask("guest-exec", { path = "sh", arg = core.json.array { "-c", script },
                                       ["capture-output"] = true }).pid
  local state
  repeat state = self:ask("guest-exec-status", { pid = pid }) until state.exited
  return base64.decode(state["out-data"] or "")
end

-- Asks for a device to go, and waits until it has.
function floor:unplug(id)
  self:qmp("device_del", { id = id })
  repeat
    local event = assert(self.monitor:event(10))
  until event.event == "DEVICE_DELETED" and event.data.device == id
end

function room:close()
  self:lunik("down", "--force", "m")
end

return room
