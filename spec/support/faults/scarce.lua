-- Run by faults_spec in a mount namespace of its own: `lua scarce.lua HOUSE-DIRECTORY [user]`.
-- Starts the machine of the house with less and less to live on, and prints a line for each try:
--   ROW  COLUMN  EXIT-CODE  what lunik said
-- Where something is left that should not be, it raises. In a user namespace (`user`) lunik takes
-- itself for root, and virtiofsd cannot be what it wants to be then: the machine goes without.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local unistd = require "posix.unistd"

local home = setmetatable({ dir = arg[1], started = {} }, house)
home:surroundings()
if arg[2] then table.insert(home.env, "NO_MOUNT=1") end
local recipe = home.dir .. "/m.lua"

local MOST = 1000

local function shell(line) assert(os.execute(line), line) end

-- A file system that holds as much as `options` say, in the place of a folder of the house.
local function small(name, options)
  shell(("mount -t tmpfs -o mode=700,%s lunik '%s/%s'"):format(options, home.dir, name))
end

-- A process that is just ending may still have something open there.
local function whole(name) shell(("umount -l '%s/%s'"):format(home.dir, name)) end

local function say(row, column, code, text)
  print(("%s\t%s\t%d\t%s"):format(row, column, code, (text:gsub("%s+$", ""):gsub("\n%s*", "; "))))
end

-- What is true after a start, whether or not it succeeded.
local function judge(code, text)
  assert(not text:find("bug", 1, true) and not text:find("traceback", 1, true), text)
  if code == 0 then home:does("down", "--force", "m") else assert(code == 3, text) end
  after.nothing(home)
end

local function try(row, column)
  local code, _, text = home:lunik("up", recipe)
  judge(code, text)
  say(row, column, code, text)
  return code == 0
end

-- Gives more and more of something until a start succeeds.
local function series(row, name, first, step, options)
  local k = first
  repeat
    small(name, options:format(k))
    local done = try(row, options:format(k))
    whole(name)
    k = k + step
    assert(k < MOST, "it never works")
  until done
  after.again(home, recipe)
end

-- Runs lunik with at most `count` descriptors: exit code, stderr.
local function limited(count, ...)
  local reader, writer = unistd.pipe()
  local child, out = run.start { path = true, env = home.env, cwd = home.dir,
    fds = { [2] = writer },
    argv = { "prlimit", ("--nofile=%d:%d"):format(count, count), house.program, ... } }
  unistd.close(writer)
  run.drain(out)
  local text = run.drain(reader)
  local how, code = child:wait(60)
  assert(how == "exited", text)
  assert(not text:find("bug", 1, true) and not text:find("traceback", 1, true), text)
  return code, text
end

-- The same with descriptors; with fewer than `first` Lua itself does not get far enough.
local function descriptors(first)
  local k = first
  repeat
    local code, text = limited(k, "up", recipe)
    judge(code, text)
    say("descriptors", ("up %d"):format(k), code, text)
    k = k + 1
    assert(k < MOST, "it never works")
  until code == 0
  after.again(home, recipe)
end

-- A verb about a running machine, which runs on until the verb has what it needs.
local function verb(first, before, ...)
  local k = first
  repeat
    before()
    local code, text = limited(k, ...)
    say("descriptors", ("%s %d"):format((...), k), code, text)
    if code ~= 0 then assert(after.state(home):find "^%l", text) end
    k = k + 1
  until code == 0
end

-- A folder that is full while the machine runs: it can still be asked, and be stopped.
local function full(row, name, between)
  small(name, "size=1m")
  home:does("up", recipe)
  os.execute(("cat /dev/zero 2>/dev/null >'%s/%s/lunik/m/filler.log'"):format(home.dir, name))
  local what = between and between() or "down"
  home:lunik("down", "--force", "m")
  os.remove(("%s/%s/lunik/m/filler.log"):format(home.dir, name))
  after.nothing(home)
  say(row, "full while running", 0, what)
  whole(name)
  after.again(home, recipe)
end

-- Kills the supervisor: what adopts needs space for its intent, and else leaves all as it is.
local function adopted()
  local pid = select(2, after.state(home)).supervisor.pid
  local supervisor = core.proc.open(pid)
  supervisor:signal(9)
  supervisor:wait(60)
  local code = home:lunik("adopt", "m")
  local state = after.state(home)
  assert(state == (code == 0 and "running" or "unsupervised"), state)
  return "adopt: " .. state
end

series("runtime", "run", 2, 1, "size=1m,nr_inodes=%d")
series("runtime", "run", 4, 4, "size=%dk")
series("state", "state", 2, 1, "size=1m,nr_inodes=%d")
series("state", "state", 4, 32, "size=%dk")
descriptors(8)
home:does("up", recipe)
verb(8, function() end, "ls")
verb(8, function() end, "forward", "m")
verb(8, function() end, "down", "--force", "m")
after.nothing(home)
full("runtime", "run")
full("state", "state")
full("runtime", "run", adopted)
full("state", "state", adopted)
