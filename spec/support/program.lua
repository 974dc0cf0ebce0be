-- A program that a spec talks to: on pipes, or on a terminal of its own.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local loop = require "lunik.async.loop"
local poll = require "posix.poll"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local program = {}
program.__index = program

local function new_pty()
  local master = assert(stdlib.openpt(fcntl.O_RDWR | fcntl.O_NOCTTY))
  stdlib.grantpt(master)
  stdlib.unlockpt(master)
  local slave = assert(fcntl.open(stdlib.ptsname(master), fcntl.O_RDWR | fcntl.O_NOCTTY))
  return master, slave
end

-- options: env, cwd, terminal (a controlling one of its own), input (a descriptor to read from)
function program.start(argv, options)
  local reader, writer, theirs
  if options.terminal then
    reader, theirs = new_pty()
    writer = reader
    argv = { "setsid", "-c", table.unpack(argv) }
  else
    reader, theirs = unistd.pipe()
  end
  local fds = { [0] = options.terminal and theirs or options.input, [1] = theirs, [2] = theirs }
  local proc = assert(core.proc.spawn { argv = argv, path = true, env = options.env,
    cwd = options.cwd, fds = fds })
  if not options.terminal then unistd.close(theirs) end
  return setmetatable({ proc = proc, reader = reader, writer = writer, text = "", from = 1,
                        slave = options.terminal and theirs or nil }, program)
end

function program:send(text)
  unistd.write(self.writer, text)
end

-- Reads more; false at the end or the deadline. A terminal has no end while its other
-- side is open here: the program's own end is watched as well.
local function more(self, ends)
  local left = math.max(0, math.ceil((ends - loop.now()) * 1000))
  local fds = { [self.reader] = { events = { IN = true } } }
  if self.slave then fds[self.proc:fd()] = { events = { IN = true } } end
  poll.poll(fds, left)
  if not (fds[self.reader].revents or {}).IN then return false end
  local bytes = unistd.read(self.reader, 65536)
  if not bytes or bytes == "" then return false end
  self.text = self.text .. bytes
  return true
end

-- The captures of the first match of a pattern behind the last one; raises when it does
-- not come within `seconds`.
function program:expect(pattern, seconds)
  local ends = loop.now() + (seconds or 60)
  while true do
    local found = table.pack(self.text:find(pattern, self.from))
    if found[1] then
      self.from = found[2] + 1
      return table.unpack(found, 3, found.n)
    end
    if not more(self, ends) then
      local rest = self.text:sub(self.from):sub(-3000)
      error(("'%s' did not come; what came is:\n%s"):format(pattern, rest), 2)
    end
  end
end

-- How it ended, everything it wrote read: "exited", status
function program:wait(seconds)
  local ends = loop.now() + (seconds or 60)
  repeat until not more(self, ends)
  return self.proc:wait(math.max(0, ends - loop.now()))
end

-- For after_each: ends it if it has not ended.
function program:close()
  if self.closed then return end
  self.closed = true
  if not self.proc:wait(0) then
    self.proc:signal(9)
    self.proc:wait(60)
  end
  self.proc:close()
  unistd.close(self.reader)
  if self.slave then unistd.close(self.slave) end
end

return program
