-- SPDX-License-Identifier: MIT
-- A process beside lunik that runs as long as the machine: QEMU or a helper. Its
-- output goes to a log, which outlives us both; its end is seen at once.
local core = require "lunik.core"
local errno = require "posix.errno"
local file = require "lunik.system.file"
local unistd = require "posix.unistd"
local mode = require "lunik.system.mode"
local signal = require "lunik.system.signal"
local wait = require "lunik.async.wait"

local child = {}
child.__index = child

local GRACE = 2                -- seconds between asking a process to end and ending it
local BEGIN = 10               -- seconds for a program to be there
local TAIL = 8192              -- bytes of a log in which its last lines are looked for

-- Opens a log behind what earlier runs wrote: its descriptor, and where this run begins.
local function open_log(path)
  local fd, why = file.appender(path)
  if not fd then return nil, "open " .. why end
  return fd, unistd.lseek(fd, 0, unistd.SEEK_END) or 0
end

-- Waits for the end of the process. Until it is reaped nobody else can get its number, so this is
-- the moment to end its process group: all that it has started itself.
local function await(self, seconds)
  if self.ended:is_set() then return true end
  if not wait.readable(self.loop, self.proc:fd(), seconds) then return false end
  self.proc:signal_group(signal.KILL)
  self.ended:set(self.proc:wait(GRACE))
  return true
end

-- Gives the group one end of a pair of sockets: ours closes with the group's last process.
local function lifeline(fds)
  local ours, theirs = core.chan.pair()
  if not ours then return nil, theirs end
  local free = 3
  for number in pairs(fds) do free = math.max(free, number + 1) end
  fds[free] = theirs:fd()
  return ours, theirs
end

-- The environment of a program: its name is in it, so that `adopt` can tell which one it found.
local function environment(options)
  local env = table.move(options.env or {}, 1, #(options.env or {}), 1, {})
  env[#env + 1] = "LUNIK_PART=" .. options.name
  return env
end

-- What ends a child that dies with us: one that does not hear SIGTERM, by what it cannot but hear.
local function death(options)
  if not options.tied then return nil end
  return options.shielded and signal.KILL or signal.TERM
end

-- options: name, argv, env, cwd, fds (beside 1 and 2), log, share, refuse, tied (dies with us),
-- shielded (it does not hear SIGTERM)
-- A child | nil, why. `started` learns how to end it.
function child.start(loop, options, started)
  local log, began = open_log(options.log)
  if not log then return nil, began end
  local fds = { [1] = log, [2] = log }
  for to, from in pairs(options.fds) do fds[to] = from end
  local life, theirs = lifeline(fds)
  if not life then
    unistd.close(log)
    return nil, theirs
  end
  local proc, why = core.proc.spawn {
    argv = options.argv, env = environment(options), cwd = options.cwd, fds = fds,
    share = options.share, group = true, path = not options.argv[1]:find("/", 1, true),
    umask = mode.others, seconds = BEGIN, pdeathsig = death(options),
    blocked = options.shielded and signal.TERM or nil, unlimited = true, refuse = options.refuse,
  }
  unistd.close(log)
  theirs:close()
  if not proc then
    life:close()
    return nil, why
  end
  local new = setmetatable({ loop = loop, name = options.name, log = options.log, proc = proc,
                             began = began, shielded = options.shielded,
                             life = life, ended = loop:latch() }, child)
  new.ending = started:push("end " .. options.name, function() return new:stop() end)
  new.watcher = loop:spawn("watch " .. options.name, await, new)
  return new
end

-- Makes a child of a process that somebody else has started, options.proc; without a handle it
-- counts as ended.
function child.adopt(loop, options, started)
  local new = setmetatable({ loop = loop, name = options.name, log = options.log,
                             proc = options.proc, began = 0, ended = loop:latch() }, child)
  if not new.proc then
    new.ended:set "gone"
    return new
  end
  new.ending = started:push("end " .. options.name, function() return new:stop() end)
  new.watcher = loop:spawn("watch " .. options.name, await, new)
  return new
end

-- Its number | nil for one that had ended before it was adopted
function child:pid()
  return self.proc and self.proc:pid()
end

-- Whether a signal has stopped it, proc(5): it hears nothing until another lets it run on.
function child:is_stopped()
  local found <close> = io.open(("/proc/%d/stat"):format(self:pid() or 0), "rb")
  return found ~= nil and (found:read "a" or ""):match "^.*%) (%S)" == "T"
end

-- The last lines it wrote, at most `count`.
function child:last_lines(count)
  local log = file.reader(self.log)
  if not log then return {} end
  local _ <close> = log
  local size = log:seek "end"
  local began = self.began <= size and self.began or 0    -- somebody may have emptied it
  log:seek("set", math.max(began, size - TAIL))
  local lines = {}
  for line in log:lines() do
    if line:find "%S" then lines[#lines + 1] = line end
  end
  return table.move(lines, math.max(1, #lines - count + 1), #lines, 1, {})
end

-- How it ended, with its last lines: "exited with status 1: …"
function child:describe()
  local how, value = table.unpack(self.ended.values or {})
  local text = how == "exited" and ("exited with status %d"):format(value)
               or how == "killed" and ("killed by signal %d"):format(value)
               or how and "ended, nobody knows how" or "still running"
  local lines = self:last_lines(5)
  return #lines > 0 and text .. ": " .. table.concat(lines, "\n  ") or text
end

function child:signal(signo)
  return self.proc:signal_group(signo)
end

local function still_there(self)
  return nil, ("process %d does not end"):format(self:pid())
end

-- Asks it to end, then ends it: true | nil, why
function child:stop()
  self.watcher:cancel()
  for _, signo in ipairs(self.shielded and { signal.KILL } or { signal.TERM, signal.KILL }) do
    if await(self, 0) then break end
    local sent, why, code = self.proc:signal_group(signo)
    if not sent and code ~= errno.ESRCH then return nil, why end
    await(self, GRACE)
  end
  if not self.ended:is_set() then return still_there(self) end
  self.proc:close()
  if not self.life then return true end
  local _, why, code = wait.read(self.loop, self.life, GRACE, 1)
  self.life:close()
  if code == errno.EPIPE then return true end
  return nil, "a process that it started does not end: " .. why
end

return child
