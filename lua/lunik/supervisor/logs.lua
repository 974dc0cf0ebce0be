-- SPDX-License-Identifier: MIT
-- A machine's logs, as files of its state directory: found, their last lines read, and followed
-- while programs write to them and lunik.supervisor.rotate makes them empty.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local file = require "lunik.system.file"
local stat = require "posix.sys.stat"

local logs = {}

-- Whose log a file is; every other one is a helper's.
local SOURCES = { ["console.log"] = "serial", ["qemu.log"] = "qemu",
                  ["supervisor.log"] = "supervisor" }
local ORDER = { supervisor = 1, qemu = 2, helpers = 3, serial = 4 }

logs.sources = { "supervisor", "qemu", "helpers", "serial" }

local function of_file(folder, entry)
  local base = entry:match "^(.+)%.log$"
  if not base then return nil end
  local source = SOURCES[entry] or "helpers"
  local path = folder .. "/" .. entry
  if file.kind(stat.stat(path)) ~= "file" then return nil end
  return { source = source, name = source == "helpers" and base or source, path = path }
end

-- The logs in a folder: { source, name, path }, in a fixed order. `wanted` is a source, or nil.
function logs.list(folder, wanted)
  local found = {}
  local ok, names = pcall(dirent.dir, folder)
  for _, entry in ipairs(ok and names or {}) do
    local log = of_file(folder, entry)
    if log and (not wanted or log.source == wanted) then found[#found + 1] = log end
  end
  table.sort(found, function(a, b)
    if a.source ~= b.source then return ORDER[a.source] < ORDER[b.source] end
    return a.name < b.name
  end)
  return found
end

local BLOCK = 1 << 16
local MOST = 16 << 20      -- bytes that are looked through: more than rotate leaves
local LONGEST = 1 << 20    -- bytes of a line that is followed: what is longer comes in pieces

-- What a file has before `stop`, from its end: more than `count` lines, if it has so many.
local function ending(log, count, stop)
  local blocks, lines, at = {}, 0, math.min(stop, log:seek "end")
  local first = math.max(0, at - MOST)
  repeat
    local from = math.max(first, at - BLOCK)
    log:seek("set", from)
    local bytes = log:read(at - from) or ""
    table.insert(blocks, 1, bytes)
    lines, at = lines + select(2, bytes:gsub("\n", "")), from
  until at == first or lines > count
  return table.concat(blocks)
end

-- The last `count` lines of a file before `stop`, newest last; what comes behind them, which has no
-- end yet.
local function last_lines(path, count, stop)
  local log = file.reader(path)
  if not log then return {}, "" end
  local _ <close> = log
  local text, lines = ending(log, count, stop), {}
  local whole, rest = text:match "^(.*\n)([^\n]*)$"
  for line in (whole or ""):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
  return table.move(lines, math.max(1, #lines - count + 1), #lines, 1, {}), rest or text
end

-- The same of a log, older ones from the file that was rotated away; its last line may go on here.
local function tail(log, count, stop)
  local lines, rest = last_lines(log.path, count, stop)
  if #lines >= count then return lines, rest end
  local older, cut = last_lines(log.path .. ".1", count - #lines, math.huge)
  if lines[1] then lines[1] = cut .. lines[1] else rest = cut .. rest end
  return table.move(lines, 1, #lines, #older + 1, older), rest
end

-- The last `count` lines of a log.
function logs.tail(log, count)
  local lines, rest = tail(log, count, math.huge)
  if rest ~= "" then lines[#lines + 1] = rest end
  return table.move(lines, math.max(1, #lines - count + 1), #lines, 1, {})
end

local follower = {}
follower.__index = follower

-- What a log that was rotated away is known by | nil; its size
local function rotated(log)
  local found = stat.stat(log.path .. ".1")
  if found then return found.st_ino, found.st_size end
end

local function size_of(log)
  local found = stat.stat(log.path)
  return found and found.st_size or 0
end

-- Follows the logs of a folder: the last `count` lines of each as they are now, and what comes
-- after them; logs that appear later, from their beginning. `fn(log, line)` gets every line; a line
-- without an end waits for it.
function logs.follow(loop, folder, wanted, count, fn)
  local watch, why = core.watch.open()
  if not watch then return nil, why end
  local self = setmetatable({ loop = loop, folder = folder, wanted = wanted, fn = fn,
                              watch = watch, open = {}, last = {} }, follower)
  local ok
  ok, why = watch:add(folder, "create,moved_to,modify")
  if not ok then return nil, why end
  for i, log in ipairs(logs.list(folder, wanted)) do
    local one = { log = log, older = rotated(log), at = size_of(log) }
    one.lines, one.rest = tail(log, count, one.at)
    self.open[log.path], self.last[i] = one, one
  end
  return self
end

-- Hands on the lines that `bytes` ends. A pattern would try each byte of a long line anew.
local function hand_on(self, one, bytes)
  local from, parts = 1, { one.rest }
  for stop in bytes:gmatch "()\n" do
    parts[#parts + 1] = bytes:sub(from, stop - 1)
    self.fn(one.log, table.concat(parts))
    from, parts = stop + 1, {}
  end
  parts[#parts + 1] = bytes:sub(from)
  one.rest = table.concat(parts)
  if #one.rest < LONGEST then return end
  self.fn(one.log, one.rest)
  one.rest = ""
end

local function read_on(self, one, path)
  local log = file.reader(path)
  if not log then return end
  local _ <close> = log
  log:seek("set", one.at)
  for bytes in log:lines(BLOCK) do
    one.at = one.at + #bytes
    hand_on(self, one, bytes)
  end
end

-- What was rotated away is whole when the log is made empty (lunik.supervisor.rotate).
local function read_more(self, one)
  local older, most = rotated(one.log)
  local size = size_of(one.log)
  if older and older ~= one.older and size < most then
    read_on(self, one, one.log.path .. ".1")
    one.older, one.at = older, 0
  elseif size < one.at then
    one.at, one.rest = 0, ""
  end
  read_on(self, one, one.log.path)
end

local function look(self, entry)
  local log = of_file(self.folder, entry)
  if not log or self.wanted and log.source ~= self.wanted then return end
  self.open[log.path] = self.open[log.path]
    or { log = log, at = 0, rest = "", older = rotated(log) }
  read_more(self, self.open[log.path])
end

local function show(self, one)
  for _, line in ipairs(one.lines) do self.fn(one.log, line) end
  one.lines = nil
end

-- At the end: lines that nobody has ended.
function follower:finish()
  for _, one in pairs(self.open) do
    if one.rest ~= "" then self.fn(one.log, one.rest) end
  end
end

-- A task's work, until it is cancelled.
function follower:work()
  for _, one in ipairs(self.last) do show(self, one) end
  for _, one in ipairs(self.last) do read_more(self, one) end
  while true do
    self.loop:wait(self.watch:fd(), "r")
    local changed, order = {}, {}
    for event in function() return self.watch:next(0) end do
      if event.name and not changed[event.name] then
        changed[event.name], order[#order + 1] = true, event.name
      end
    end
    for _, entry in ipairs(order) do look(self, entry) end
  end
end

return logs
