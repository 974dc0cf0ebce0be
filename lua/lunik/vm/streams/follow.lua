-- SPDX-License-Identifier: MIT
-- The host's half of a stream: reads what a program of the guest prints, and feeds it, until the
-- guest's shell says how it has ended. Whoever wants the bytes does this, in its own process.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local relay = require "lunik.vm.streams.relay"
local wait = require "lunik.async.wait"

local follow = {}

local PIECE = 256 << 10    -- bytes that are read at once
local CONNECT = 5          -- seconds
local GREETING = 10        -- … for the guest's shell to be there

-- How many of the last bytes of `text` may be the beginning of `id`.
local function begun(text, id)
  for count = math.min(#id - 1, #text), 1, -1 do
    if text:byte(-count) == id:byte(1) and text:sub(-count) == id:sub(1, count) then
      return count
    end
  end
  return 0
end

-- Where an end is, or may be to come, and its status. A program may print the id as well: what
-- lists the guest's processes shows it.
local function find_end(text, id)
  local from = 1
  while true do
    local at = text:find(id, from, true)
    if not at then return #text - begun(text, id) + 1 end
    local status = relay.status(text, at, id)
    if status or text:find("^ ?%d?%d?%d?\r?$", at + #id) then return at, status end
    from = at + 1
  end
end

-- Passes on what comes until its end: the status | nil, what is held back for now. The id and a
-- newline are its beginning, which is nobody's.
local function pass_on(text, id, sink)
  if text:sub(1, #id + 1) == id .. "\n" then text = text:sub(#id + 2) end
  local at, status = find_end(text, id)
  if at > 1 then sink(text:sub(1, at - 1)) end
  return status, text:sub(at)
end

-- The status that the program ended with | nil, why. `came` is what has come already.
local function read(loop, chan, id, sink, came)
  local status, held = pass_on(came or "", id, sink)
  while not status do
    local bytes, why = wait.read(loop, chan, nil, PIECE)
    if not bytes or bytes == "" then return nil, why or "closed" end
    status, held = pass_on(held .. bytes, id, sink)
  end
  return status
end

-- `source()` gives what is to be fed, and nil at its end. The guest says when it reads: an end that
-- comes before is seen by nobody.
local function feed(loop, chan, source)
  wait.send(loop, chan, "\n")
  local ok, _, code = wait.read(loop, chan, CONNECT, 1)
  if not ok and code ~= errno.ETIMEDOUT then return end
  repeat
    local bytes = source()
  until not bytes or not wait.send(loop, chan, bytes)
  chan:shutdown()
end

local function connect(path)
  if not path then return nil end
  local chan, why = core.chan.connect(path, CONNECT)
  if chan then return chan end
  return nil, ("the guest's channel: %s"):format(why)
end

-- The program's status once both of its outputs have ended | nil, why. Raises what a sink raises.
local function outcome(loop, jobs)
  local over, missing, tasks = loop:latch(), 2, {}
  local function ended(ok, status, why)
    missing = missing - 1
    if not ok or not status or missing == 0 then over:set(ok, status, why) end
  end
  for i, job in ipairs(jobs) do
    tasks[i] = loop:spawn(job.name, function()
      local ok, status, why = pcall(job.fn, loop, job.chan, table.unpack(job))
      if not ok or job.ends then ended(ok, status, why) end
    end)
  end
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  local ok, status, why = over:wait()
  if not ok then error(status, 0) end
  return status, why
end

-- Reads up to where the guest's shell says that it is there: what came behind it | nil, why
local function greeted(loop, chan, id)
  local text, ends = "", loop.now() + GREETING
  while true do
    local _, last = text:find(id .. "\r?\n")
    if last then return text:sub(last + 1) end
    local bytes, why = wait.read(loop, chan, ends - loop.now(), PIECE)
    if not bytes then return nil, why end
    text = (text .. bytes):sub(-PIECE)
  end
end

-- What is typed, to its end, which a terminal does not have.
local function typed(loop, chan, source)
  for bytes in source do
    if not wait.send(loop, chan, bytes) then return end
  end
end

-- Follows one on a terminal, { id, terminal }; its errors are part of its output. `sinks`: stdin
-- and stdout, as above; begun(), called when the program is about to run; size(), which gives rows
-- and columns whenever its window has another size, for resize(rows, columns).
-- The status | nil, why, code: "unsupported", nothing was run
function follow.terminal(loop, opened, sinks)
  local chan <close>, why = connect(opened.terminal)
  if not chan then return nil, why end
  wait.send(loop, chan, "\n")
  local came
  came, why = greeted(loop, chan, opened.id)
  if not came then return nil, "the guest has no terminal for it: " .. why, "unsupported" end
  sinks.begun()
  local tasks = { loop:spawn("typed", typed, loop, chan, sinks.stdin),
    loop:spawn("size", function()
      for rows, columns in sinks.size do sinks.resize(rows, columns) end
    end) }
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  return read(loop, chan, opened.id, sinks.stdout, came)
end

-- Reads what comes by a channel, and drops it.
function follow.drain(loop, path)
  local chan <close> = connect(path)
  repeat
    local bytes = chan and wait.read(loop, chan, nil, PIECE)
  until not bytes or bytes == ""
end

-- Follows what was opened, { id, out, err, input }: paths of sockets. `sinks`: stdout and stderr,
-- functions of a chunk; stdin, a function that gives one, and nil at its end; gone, which raises
-- once nobody wants the program any more. What they raise is raised here. The program's status as
-- the guest's shell has it | nil, why
function follow.run(loop, opened, sinks)
  local out <close>, why = connect(opened.out)
  if not out then return nil, why end
  local err <close>, problem = connect(opened.err)
  if not err then return nil, problem end
  local jobs = {
    { name = "stdout", fn = read, chan = out, ends = true, opened.id, sinks.stdout },
    { name = "stderr", fn = read, chan = err, ends = true, opened.id, sinks.stderr },
  }
  local input <close>, broken = connect(opened.input)
  if broken then return nil, broken end
  if input then jobs[3] = { name = "stdin", fn = feed, chan = input, sinks.stdin } end
  if sinks.gone then jobs[#jobs + 1] = { name = "gone", fn = sinks.gone } end
  return outcome(loop, jobs)
end

return follow
