-- SPDX-License-Identifier: MIT
-- Processes of a machine whose supervisor is gone: found by the id that each carries in its
-- environment, and held by pidfd, so that a number that meanwhile belongs to somebody else is
-- never signalled.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local signal = require "lunik.system.signal"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local orphans = {}

local GRACE = 2
local ROUNDS = 5

local function environment(pid)
  local file = io.open(("/proc/%d/environ"):format(pid), "rb")
  if not file then return "" end
  local _ <close> = file
  return "\0" .. (file:read "a" or "") .. "\0"
end

-- The process `pid`, if it is one of the machine `id`: { pid, part, proc } | nil
function orphans.open(pid, id)
  local proc = core.proc.open(pid)
  if not proc then return nil end
  local text = environment(pid)
  -- the pidfd was opened first, so the environment was not that of a later process
  if text:find("\0LUNIK_ID=" .. id .. "\0", 1, true) and not proc:wait(0) then
    return { pid = pid, part = text:match "%zLUNIK_PART=([^%z]*)%z", proc = proc }
  end
  proc:close()
end

-- Finds all of them. What a part has started itself carries the part's name too; the part itself
-- leads its process group and has `leads`.
function orphans.find(id)
  local found = {}
  for name in dirent.files "/proc" do
    local one = name:find "^%d+$" and orphans.open(math.tointeger(name), id)
    if one then
      one.leads = orphans.group(one.pid) == one.pid
      found[#found + 1] = one
    end
  end
  table.sort(found, function(a, b) return a.pid < b.pid end)
  return found
end

-- Tells whether a process has that file open, as the holder of a lock has.
function orphans.has_open(pid, path)
  local file, ours = stat.stat(path), ("/proc/%d/fd"):format(pid)
  local ok, names = pcall(dirent.dir, ours)
  if not file or not ok then return false end
  for _, name in ipairs(names) do
    local open = name:find "^%d" and stat.stat(ours .. "/" .. name)
    if open and open.st_ino == file.st_ino and open.st_dev == file.st_dev then return true end
  end
  return false
end

-- The process group of a process | nil. proc(5): after the name, which may hold anything.
function orphans.group(pid)
  local file = io.open(("/proc/%d/stat"):format(pid), "rb")
  if not file then return nil end
  local _ <close> = file
  return math.tointeger((file:read "a" or ""):match "^.*%) %S %-?%d+ (%d+)")
end

local function signal_all(list, signo)
  for _, one in ipairs(list) do
    if not one.proc:wait(0) then one.proc:signal(signo) end
  end
end

local function ended(loop, list, seconds)
  local ends = loop.now() + seconds
  for _, one in ipairs(list) do
    local how, _, code = wait.exit(loop, one.proc, math.max(0, ends - loop.now()))
    if not how and code == errno.ETIMEDOUT then return false end
  end
  return true
end

local function close_all(list)
  for _, one in ipairs(list) do one.proc:close() end
end

-- Whether any process of the machine `id` runs.
function orphans.live(id)
  for name in dirent.files "/proc" do
    local one = id and name:find "^%d+$" and orphans.open(math.tointeger(name), id)
    if one then
      one.proc:close()
      return true
    end
  end
  return false
end

-- The id of the machine that a process belongs to | nil
function orphans.id(pid) return environment(pid):match "%zLUNIK_ID=(%w+)%z" end

-- Every process of ours that has a file open, as QEMU has a lock: { pid, id }.
function orphans.holders(path)
  local found = {}
  for name in dirent.files "/proc" do
    local pid = math.tointeger(name)
    if pid and pid ~= unistd.getpid() and orphans.has_open(pid, path) then
      found[#found + 1] = { pid = pid, id = orphans.id(pid) }
    end
  end
  return found
end

-- Ends every process of the machine `id`, if that is known: asked first, then killed, and so are
-- those that they start meanwhile. true | nil, why
function orphans.finish(loop, id)
  if not id then return true end
  local signo = signal.TERM
  for _ = 1, ROUNDS do
    local list = orphans.find(id)
    if #list == 0 then return true end
    signal_all(list, signo)
    ended(loop, list, GRACE)
    close_all(list)
    signo = signal.KILL
  end
  return nil, "processes of the machine do not end, not even by SIGKILL"
end

return orphans
