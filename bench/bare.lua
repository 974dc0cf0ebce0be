-- SPDX-License-Identifier: MIT
-- The floor of the benches that start machines: what a plan needs, done bare. The same overlay is
-- made, the same daemon started, the same argv executed, to QMP's first answer.
local core = require "lunik.core"
local measure = require "measure"
local stat = require "posix.sys.stat"
local directory = require "lunik.store.directory"
local unistd = require "posix.unistd"

local bare = {}
bare.__index = bare

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

local kinds = {}

function kinds.listen(_, row) return core.chan.listen(row.path) end

function kinds.connect(self, row)
  return core.chan.connect(self.listeners[row.helper].path, 5)
end

function kinds.memory(self, row)
  local memory = assert(core.ram.new("lunik-" .. row.name, row.size))
  if self.fill then self.fill(row.name, memory:fd()) end
  return memory
end

-- What whoever starts it has, and goes on having.
function kinds.template(self) return self.memory, nil, true end

function kinds.lock(_, row) return core.lock.take(row.path) end

-- What QEMU inherits, in the plan's order.
local function descriptors(self, open)
  local fds = {}
  for i, row in ipairs(self.plan.descriptors) do
    local handle, why, borrowed = kinds[row.kind](self, row)
    if not borrowed then open[i] = handle end
    fds[i + 2] = assert(handle, why):fd()
  end
  return fds
end

local function close_all(handles)
  for _, handle in pairs(handles) do handle:close() end
end

-- Makes the directories that the plan's paths are in.
function bare.new(plan)
  local self = setmetatable({ plan = plan, children = {}, listeners = {} }, bare)
  for _, path in ipairs { plan.runtime, plan.state } do assert(directory.make(path)) end
  stat.mkdir(plan.runtime .. "/export")
  return self
end

-- Starts it all; returns once QEMU can be connected to: the channel.
function bare:start()
  local plan, open = self.plan, {}
  for _, file in ipairs(plan.files) do self.children[#self.children + 1] = overlay(file) end
  local disks = #self.children
  for _, helper in ipairs(plan.helpers) do
    local listener = assert(core.chan.listen(helper.listen.path))
    self.children[#self.children + 1] = daemon(helper, listener)
    self.listeners[helper.name] = { path = helper.listen.path, chan = listener }
  end
  for i = 1, disks do self.children[i]:wait(10) end
  local fds = descriptors(self, open)
  self.qemu = spawn { argv = assert(plan:command("live", true)), fds = fds }
  local chan = assert(core.chan.connect(plan:runtime_file "qmp.sock", 5))
  close_all(open)
  return chan
end

-- Waits for the first answer: capabilities negotiated means that every device exists.
function bare.answer(chan)
  local qmp = assert(core.qmp.open(chan))
  assert(qmp:handshake(30))
  return qmp
end

function bare.quit(qmp)
  qmp:exec("quit", nil, 5)
  qmp:close()
end

-- Waits for the end of what was started, and removes it.
function bare:close()
  if self.qemu then self.qemu:wait(10) end
  for _, child in ipairs(self.children) do child:wait(10) end
  for _, listener in pairs(self.listeners) do listener.chan:close() end
  for name in require "posix.dirent".files(self.plan.runtime) do
    unistd.unlink(self.plan.runtime .. "/" .. name)
  end
  unistd.rmdir(self.plan.runtime .. "/export")
  unistd.rmdir(self.plan.runtime)
  for _, file in ipairs(self.plan.files) do unistd.unlink(file.path) end
  for name in require "posix.dirent".files(self.plan.state) do
    unistd.unlink(self.plan.state .. "/" .. name)
  end
end

-- The seconds from the first exec to QMP's first answer.
function bare.seconds(plan)
  local self = bare.new(plan)
  local from = measure.now()
  local qmp = bare.answer(self:start())
  local seconds = measure.now() - from
  bare.quit(qmp)
  self:close()
  return seconds
end

return bare
