-- SPDX-License-Identifier: MIT
-- `query-status` through the QMP engine over a bare write and read of the same bytes on the
-- same socket, in turns: one at a time, then many on their way at once.
local core = require "lunik.core"
local floor = require "floor"
local measure = require "measure"
local poll = require "posix.poll"

local ROUNDS, EACH = 100, 40    -- ids stay at four digits throughout
local MANY = 500

local ours, theirs = assert(core.chan.pair())
local qemu <close> = assert(core.proc.spawn {
  argv = { measure.program "qemu-system-x86_64", "-machine", "none", "-accel", "tcg", "-nodefaults",
           "-no-user-config", "-display", "none", "-chardev", "socket,id=qmp,fd=3",
           "-mon", "chardev=qmp,mode=control" },
  fds = { [2] = 2, [3] = theirs:fd() }, env = measure.environment,
})
theirs:close()
local monitor <close> = assert(core.qmp.open(ours))
assert(monitor:handshake(30))

local function exec()
  assert(monitor:exec("query-status", nil, 30))
end

for _ = 1, 999 do exec() end
local bytes = '{"execute":"query-status","id":1000}'

local function one_by_one()
  local from = floor.now()
  for _ = 1, EACH do exec() end
  return (floor.now() - from) / EACH
end

local function pipelined()
  local from, left = floor.now(), MANY
  for _ = 1, MANY do assert(monitor:submit "query-status") end
  while left > 0 do
    poll.rpoll(monitor:fd(), -1)
    assert(monitor:step())
    for id in monitor.replied, monitor do
      assert(monitor:reply(id))
      left = left - 1
    end
  end
  return (floor.now() - from) / MANY
end

local low, high = measure.pairs(ROUNDS,
  function() return floor.roundtrips(monitor:fd(), bytes, EACH) / EACH end, one_by_one)
measure.print("qmp: query-status, one at a time", "us", low, high)

low, high = measure.pairs(8,
  function() return floor.pipelined(monitor:fd(), bytes:rep(MANY), MANY) / MANY end, pipelined)
measure.print(("qmp: query-status, %d at once"):format(MANY), "us", low, high)
print(("qmp: pipelined %.0f commands a second"):format(1 / high))

assert(monitor:exec("quit", nil, 30))
assert(qemu:wait(30))
