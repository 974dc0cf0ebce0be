-- SPDX-License-Identifier: MIT
-- From exec of `lunik run examples/workspace/vm.lua` to QMP's first answer, over a floor that
-- does the same work bare: the same overlay made, the same daemon started, the same argv
-- executed, to its first answer. KVM's verdict is known beforehand (accel = "tcg").
local core = require "lunik.core"
local lunik = require "lunik"
local measure = require "measure"
local stat = require "posix.sys.stat"
local state = require "lunik.state"
local unistd = require "posix.unistd"

local recipe = "examples/workspace/vm.lua"
local plan = assert(lunik.plan(recipe, { set = { accel = "tcg" } }))

-- The first answer: capabilities negotiated means that every device exists.
local function first_answer(chan, from)
  local qmp = assert(core.qmp.open(chan))
  assert(qmp:handshake(30))
  local seconds = measure.now() - from
  qmp:exec("quit", nil, 5)
  qmp:close()
  return seconds
end

local function spawn(spec)
  spec.env = measure.environment
  return assert(core.proc.spawn(spec))
end

local function overlay(file)
  return spawn { argv = { measure.program "qemu-img", "create", "-q", "-f", "qcow2",
    "-F", file.base_format, "-b", file.base, file.path } }
end

local function daemon(helper, listener)
  return spawn { argv = helper.argv, fds = { [3] = listener:fd() },
    share = { from = helper.share.from, at = helper.share.at, readonly = helper.share.readonly } }
end

-- What QEMU inherits, in the plan's order.
local function descriptors(listeners, open)
  local fds = {}
  for i, row in ipairs(plan.descriptors) do
    if row.kind == "listen" then
      open[i] = assert(core.chan.listen(row.path))
    elseif row.kind == "connect" then
      open[i] = assert(core.chan.connect(listeners[row.helper].path, 5))
    else
      open[i] = assert(core.lock.take(row.path))
    end
    fds[i + 2] = open[i]:fd()
  end
  return fds
end

local function close_all(handles)
  for _, handle in pairs(handles) do handle:close() end
end

local function remove_all()
  for name in require "posix.dirent".files(plan.runtime) do
    unistd.unlink(plan.runtime .. "/" .. name)
  end
  unistd.rmdir(plan.runtime .. "/export")
  unistd.rmdir(plan.runtime)
  for _, file in ipairs(plan.files) do unistd.unlink(file.path) end
end

local function floor()
  for _, path in ipairs { plan.runtime, plan.state } do assert(state.directory(path)) end
  stat.mkdir(plan.runtime .. "/export")
  local from, children, listeners, open = measure.now(), {}, {}, {}
  for _, file in ipairs(plan.files) do children[#children + 1] = overlay(file) end
  local disks = #children
  for _, helper in ipairs(plan.helpers) do
    local listener = assert(core.chan.listen(helper.listen.path))
    children[#children + 1] = daemon(helper, listener)
    listeners[helper.name] = { path = helper.listen.path, chan = listener }
  end
  for i = 1, disks do children[i]:wait(10) end
  local fds = descriptors(listeners, open)
  local qemu = spawn { argv = plan:command("live", true), fds = fds }
  local path = plan:runtime_file "qmp.sock"
  local qmp = assert(core.chan.connect(path, 5))
  close_all(open)
  local seconds = first_answer(qmp, from)
  qemu:wait(10)
  for _, child in ipairs(children) do child:wait(10) end
  for _, listener in pairs(listeners) do listener.chan:close() end
  remove_all()
  return seconds
end

-- Connects as soon as the socket listens: what happens in its folder says when to try.
local function connect(path)
  local watch <close> = assert(core.watch.open())
  assert(watch:add(plan.runtime:match "^(.*)/", "create,moved_to"))
  while true do
    watch:add(plan.runtime, "create,moved_to")
    local chan = core.chan.connect(path, 5)
    if chan then return chan end
    assert(watch:next(20))
  end
end

local function figure()
  local path = plan:runtime_file "qmp.sock"
  local from = measure.now()
  local child <close> = spawn { argv = { "build/lunik", "run", "--no-console",
    "--set", "accel=tcg", recipe } }
  local seconds = first_answer(connect(path), from)
  child:wait(20)
  return seconds
end

local a, b = measure.pairs(15, floor, figure)
measure.print("startup: lunik run to QMP's first answer", "ms", a, b)
