-- SPDX-License-Identifier: MIT
-- Asks a QEMU many questions over QMP at once, in a process of its own that runs no machine. A
-- question that ends QEMU, or that it does not answer in time, stays without an answer, and another
-- QEMU is asked for the rest.
local core = require "lunik.core"
local errno = require "posix.errno"
local poll = require "posix.poll"
local signal = require "lunik.system.signal"

local probe = {}

local PATIENCE = 5         -- seconds for one answer
local ENDS = 24            -- how many QEMUs may end before the rest is left unknown
local LARGEST = 1 << 20    -- bytes of a help text

local ARGV = { "-machine", "none", "-nodefaults", "-no-user-config", "-S", "-display", "none",
  "-chardev", "socket,id=ask,fd=3", "-mon", "chardev=ask,mode=control" }

local session = {}
session.__index = session

local function stop(self)
  if self.qmp then self.qmp:close() end
  self.process:signal(signal.KILL)
  self.process:wait(PATIENCE)
  self.process:close()
end
session.__close = stop

local function spawn(path, argv, fds)
  return core.proc.spawn { argv = { path, table.unpack(argv) }, env = {}, fds = fds, cwd = "/",
    pdeathsig = signal.KILL }
end

-- A QEMU that answers, or nil and why not.
local function start(path)
  local ours, theirs = core.chan.pair()
  local process, why = spawn(path, ARGV, { [3] = theirs:fd() })
  theirs:close()
  if not process then
    ours:close()
    return nil, why
  end
  local self = setmetatable({ process = process, fd = ours:fd() }, session)
  self.qmp = assert(core.qmp.open(ours))
  local greeting
  greeting, why = self.qmp:handshake(PATIENCE)
  if greeting then return self end
  stop(self)
  return nil, ("%s: %s"):format(path, why)
end

-- Waits for the answer to `id`: ok, value | nil where QEMU has ended or is too slow.
local function await(self, id)
  local qmp = self.qmp
  while true do
    local ok, value, code = qmp:reply(id)
    if ok ~= nil then return ok, value, code end
    local ready, _, why = poll.poll({ [self.fd] = { events = { IN = true,
      OUT = qmp:wants() == "rw" } } }, PATIENCE * 1000)
    if ready == 0 or not ready and why ~= errno.EINTR then return nil end
    qmp:step()
  end
end

-- Submits `questions` from `first` on, and takes the answers. Returns the one that it ended at.
local function converse(self, questions, first)
  local ids = {}
  for i = first, #questions do
    ids[i] = self.qmp:submit(questions[i][1], questions[i][2])
    if not ids[i] then break end
  end
  for i = first, #questions do
    if not ids[i] then return i end
    local ok, value, code = await(self, ids[i])
    if ok == nil or math.type(code) then return i end
    if ok then questions[i].take(value) else questions[i].error = code or "GenericError" end
  end
  return nil
end

-- questions: { { command, arguments, take = function(answer) }, … }. What is not answered gets
-- `error` = QEMU's error class, or `fatal`. True | nil, why.
function probe.ask(path, questions)
  local following, ends = 1, 0
  while following <= #questions do
    local running <close>, why = start(path)
    if not running then return nil, why end
    local at = converse(running, questions, following)
    if not at then return true end
    questions[at].fatal, following, ends = true, at + 1, ends + 1
    if ends >= ENDS then return nil, path .. ": it ends at nearly every question" end
  end
  return true
end

-- Starts a QEMU that is asked for help, such as { "-display", "help" }: a function that waits for
-- what it prints on its standard output; with true, the QEMU is ended instead.
function probe.help(path, argv)
  local ours, theirs = core.chan.pair()
  local process = spawn(path, argv, { [1] = theirs:fd() })
  theirs:close()
  return function(ended)
    local pieces, size, bytes = {}, 0, process and not ended and ""
    while bytes and size < LARGEST do
      pieces[#pieces + 1], size = bytes, size + #bytes
      bytes = ours:read(65536, nil, PATIENCE)
    end
    ours:close()
    if not process then return "" end
    if ended or not process:wait(0) then process:signal(signal.KILL) end
    process:wait(PATIENCE)
    process:close()
    return table.concat(pieces)
  end
end

return probe
