-- SPDX-License-Identifier: MIT
-- Starts a real QEMU, paused, from a plan's own command line, without launch: for specs
-- about what QEMU makes of an argv.
local core = require "lunik.core"

local paused = {}
paused.__index = paused

-- Opens what a plan's descriptors name; connections go to `servers` (a listening
-- channel each, by name), so that no daemon is needed until a device wants one.
local function open(row, servers)
  if row.kind == "memory" then return assert(core.ram.new(row.name, row.size)) end
  if row.kind == "listen" then return assert(core.chan.listen(row.path)) end
  if row.kind == "lock" then return assert(core.lock.take(row.path)) end
  if row.kind == "connect" then return assert(core.chan.connect(servers[row.name], 5)) end
  error("paused: no way to open a " .. row.kind)
end

-- plan -> a QEMU that has answered qmp_capabilities, or nil and its last words.
function paused.start(plan, servers)
  local self = setmetatable({ open = {} }, paused)
  local fds, reader, writer = {}, core.chan.pair()
  for i, row in ipairs(plan.descriptors) do
    self.open[i] = open(row, servers)
    fds[i + 2] = self.open[i]:fd()
    if row.name == "lunik-monitor" then self.monitor_path = row.path end
  end
  fds[2] = writer:fd()
  local argv = assert(plan:command("live", true))
  self.process = assert(core.proc.spawn { argv = argv, fds = fds, pdeathsig = 9 })
  writer:close()
  self.words = reader
  self.qmp = assert(core.qmp.open(assert(core.chan.connect(self.monitor_path, 5))))
  -- the listening ends are QEMU's alone now: its death is an end of file here
  for _, handle in ipairs(self.open) do handle:close() end
  if self.qmp:handshake(20) then return self end
  return nil, self:close()
end

-- Ends QEMU; returns what it wrote to stderr.
function paused:close()
  self.process:signal(9)
  self.process:wait(60)
  self.qmp:close()
  local text = self.words:read(65536, 1) or ""
  self.words:close()
  return text
end

return paused
