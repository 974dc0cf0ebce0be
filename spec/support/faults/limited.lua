-- lunik with little memory: each of its processes, by RLIMIT_AS; or all of them together, by a
-- cgroup, whose kernel kills one of them where they want more.
local assert = require "luassert"
local cgroup = require "support.cgroup"
local house = require "support.house"
local run = require "support.run"
local unistd = require "posix.unistd"

local limited = {}
limited.__index = limited

-- It doubles until QEMU can be asked anything; then it grows slowly.
local GROWTH = { each = { first = 32 << 20, slow = 512 << 20, step = 96 << 20 },
                 together = { first = 24 << 20, slow = 64 << 20, step = 32 << 20 } }
local MOST = 1 << 36

-- way: "each" or "together" | nil, where no cgroup may be made
function limited.new(home, way)
  local self = setmetatable({ home = home, way = way }, limited)
  if way == "together" then self.group = cgroup.new() end
  return (way == "each" or self.group) and self or nil
end

local function words(self, bytes, ...)
  if not self.group then
    return { "prlimit", ("--as=%d:%d"):format(bytes, bytes), house.program, ... }
  end
  self.group:bound(bytes)
  return self.group:argv { house.program, ... }
end

-- lunik with so many bytes: exit code | nil where it was killed, what it said
local function try(self, bytes, ...)
  local reader, writer = unistd.pipe()
  local child, out = run.start { path = true, env = self.home.env, cwd = self.home.dir,
    fds = { [2] = writer }, argv = words(self, bytes, ...) }
  unistd.close(writer)
  run.drain(out)
  local text = run.drain(reader)
  local how, code = child:wait(60)
  assert.is_true(how == "exited" or self.group ~= nil and code == 9, text)
  assert.falsy(text:find("traceback", 1, true), text)
  return how == "exited" and code or nil, text
end

-- A verb with more and more memory, until it succeeds. judge(code, text) says what it came to; what
-- is tried is printed, a line each: MEMORY  too little  what it came to
function limited:series(name, judge, ...)
  local growth = GROWTH[self.way]
  local bytes, tried = growth.first, 0
  if self.group then self.group:empty() end          -- of a holder that the last one has started
  repeat
    local code, text = try(self, bytes, ...)
    print(("%d MiB %s, %s\ttoo little\t%s"):format(bytes >> 20, self.way, name, judge(code, text)))
    io.stdout:flush()
    bytes, tried = bytes < growth.slow and bytes * 2 or bytes + growth.step, tried + 1
    assert.is_true(bytes < MOST, "it never works")
  until code == 0
  assert.is_true(tried > 2, "it was never too little")
end

-- Where the kernel has killed whoever would have cleared up, too, somebody has to ask for that.
function limited:clear(code, name)
  if not code then self.home:lunik("down", "--force", name) end
end

-- What a failed one came to, in a few words.
function limited.why(code, text)
  return code == 0 and "whole" or not code and "killed"
    or text:match "lunik fork:%s*([^\n]*)" or text:match "[^\n]*"
end

function limited:close()
  if self.group then self.group:close() end
end
limited.__close = limited.close

return limited
