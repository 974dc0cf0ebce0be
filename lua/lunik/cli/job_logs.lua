-- SPDX-License-Identifier: MIT
-- `lunik logs JOB`: its log lies where it was submitted, while it runs and after its end.
local bell = require "lunik.fleet.bell"
local exit = require "lunik.exit"
local file = require "lunik.system.file"
local find = require "lunik.fleet.find"
local printable = require "lunik.text.printable"
local queries = require "lunik.text.queries"
local records = require "lunik.fleet.records"
local state = require "lunik.fleet.state"
local unistd = require "posix.unistd"

local job_logs = {}

local LINES, LOOK = 20, 5  -- by default; seconds between two looks, where nobody tells
local PIECE, TAIL = 65536, 1 << 20

local KNOWN = { ["-f"] = "follow", ["--follow"] = "follow" }

-- options | nil, why
local function read(argv)
  local how, at = { lines = LINES }, 2
  while argv[at] do
    local word = argv[at]
    local count = (word == "-n" or word == "--lines") and argv[at + 1]
    if count then
      how.lines, at = math.tointeger(count), at + 1
      if not how.lines then return nil, ("--lines: a number expected, got '%s'"):format(count) end
    elseif KNOWN[word] then
      how[KNOWN[word]] = true
    elseif word:sub(1, 1) == "-" then
      return nil, ("logs of a job have no option '%s': -n LINES, -f"):format(printable(word))
    end
    at = at + 1
  end
  return how
end

-- A guest must not get the terminal's controls; a pipe gets the bytes, but for questions that the
-- terminal at its end would answer.
local function cleaner()
  if unistd.isatty(1) == 1 then
    return function(text) return printable(text:gsub("\r", ""), "\n\t") end
  end
  local asked = queries.new()
  return function(text) return asked:feed(text) end
end

-- The last lines of an open file, which then is at its end.
local function last(log, count)
  local size = log:seek "end"
  log:seek("set", math.max(0, size - TAIL))
  local lines = {}
  for line in log:lines "L" do lines[#lines + 1] = line end
  return table.concat(lines, "", math.max(1, #lines - count + 1))
end

-- Goes on until the job is over and all is read, or nobody reads.
local function follow(l, log, found, number, put)
  local grown <close> = bell.new(l)
  grown:add(records.log(found.path, number), "modify")
  while true do
    local one = state.of(found, number, find.queue(l, { found }))
    repeat
      local bytes = log:read(PIECE)
      if bytes and not put(bytes) then return end
    until not bytes
    if one.over then return end
    grown:rest(LOOK)
  end
end

-- The log of a job | nil; where it is to be followed, one that comes yet.
local function open(l, how, found, number)
  local path, come <close> = records.log(found.path, number), bell.new(l)
  come:add(records.job(found.path, number), "create")
  while true do
    local log = file.reader(path)
    if log or not how.follow or state.of(found, number, find.queue(l, { found })).over then
      return log
    end
    come:rest(LOOK)
  end
end

-- In a task of `l`: an exit code | nil, why, exit code
function job_logs.run(l, argv, found, number, out)
  local how, why = read(argv)
  if not how then return nil, why, exit.usage end
  number = number or #found.batch.jobs == 1 and 1
  if not number then
    return nil, ("%s is an array: say which job, such as %s_1"):format(find.id_of(found),
      find.id_of(found)), exit.usage
  end
  local log = open(l, how, found, number)
  if not log then
    return nil, ("%s_%d has no log yet"):format(find.id_of(found), number), exit.problems
  end
  local _ <close> = log
  local clean = cleaner()
  local function put(text) return out:write(clean(text)) and out:flush() end
  if put(last(log, how.lines)) and how.follow then follow(l, log, found, number, put) end
  return exit.ok
end

return job_logs
