-- SPDX-License-Identifier: MIT
-- vm:spawn: a program in the guest that is spoken to while it runs. A task follows it as vm:exec
-- does; it shares a state with the handle, and nothing of the handle itself: one that is closed or
-- forgotten closes its end of a pair, by which that task hears of it.
local codes = require "lunik.codes"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local exec = require "lunik.vm.streams.exec"
local program = require "lunik.vm.methods.program"
local signature = require "lunik.vm.signature"
local suggest = require "lunik.text.suggest"
local wait = require "lunik.async.wait"

local spawn = {}

local QUEUE = 1 << 20      -- bytes of an output that wait to be read, before the program waits
local LINE = 1 << 20       -- bytes of a line that nothing ends

local OVER = "the program has ended"

-- What has come and nobody has read yet: `head` from `at` on, and then the parts.
local queue = {}
queue.__index = queue

local function new_queue()
  return setmetatable({ head = "", at = 1, parts = {}, size = 0 }, queue)
end

function queue:put(bytes)
  self.parts[#self.parts + 1], self.size = bytes, self.size + #bytes
end

local function gather(self)
  if not self.parts[1] then return end
  self.head = self.head:sub(self.at) .. table.concat(self.parts)
  self.at, self.parts = 1, {}
end

function queue:take()
  gather(self)
  local bytes = self.head:sub(self.at)
  self.head, self.at, self.size = "", 1, 0
  return bytes
end

-- A line | nil: none has ended. `all`: nothing more will come.
function queue:line(all)
  gather(self)
  local stop = self.head:find("\n", self.at, true)
  if not stop and (self.size >= LINE or all and self.size > 0) then return self:take() end
  if not stop then return nil end
  local line = self.head:sub(self.at, stop - 1)
  self.at, self.size = stop + 1, self.size - #line - 1
  return line
end

-- Where an output goes. Once its end is waited for, what nobody has read is kept as vm:exec keeps
-- it, and the rest dropped.
local function sink(state, output)
  return function(bytes)
    while output.size >= QUEUE and not state.waited do state.changed:wait() end
    local room = exec.MOST - output.size
    if #bytes > room then output.cut = true end
    output:put(#bytes > room and bytes:sub(1, room) or bytes)
    state.changed:fire()
  end
end

local function source(state)
  return function()
    while not state.input and not state.full do state.changed:wait() end
    local bytes = state.input
    state.input = nil
    state.changed:fire()
    return bytes
  end
end

-- Raises once nobody has the handle any more.
local function watch(state, theirs)
  return function()
    wait.read(state.loop, theirs, nil, 1)
    error({ dropped = true }, 0)
  end
end

local function follow(state, doors, asked, theirs)
  local streams = { open = doors.open, close = doors.close, leave = doors.leave }
  local ok, done, why, code = pcall(exec.run, state.loop, streams, {
    argv = asked.argv, seconds = asked.seconds, stdin = source(state),
    stdout = sink(state, state.stdout), stderr = sink(state, state.stderr),
    gone = watch(state, theirs),
    opened = function(opened) state.begun:set(opened) end })
  theirs:close()
  if not ok then
    local dropped = type(done) == "table" and done.dropped
    done, why, code = nil, dropped and "the program was closed" or tostring(done),
      dropped and "ended" or "failed"
  end
  state.over:set(done, why, code)
  state.begun:set(nil, why, code)
  state.changed:fire()
end

local acts = {}

function acts.write(state, asked)
  while state.input and not state.full and not state.over:is_set() do state.changed:wait() end
  if state.over:is_set() then return nil, OVER, "ended" end
  if state.full then return nil, "its input is closed", "closed" end
  if asked.bytes ~= "" then state.input = asked.bytes end
  state.changed:fire()
  return true
end

function acts.close_input(state)
  state.full = true
  state.changed:fire()
  return true
end

-- Waits for what `take` finds in an output: that | nil | nil, why, code
local function next_of(state, output, take)
  while true do
    local over = state.over:is_set()
    local found = take(output, over)
    if found then
      state.changed:fire()
      return found
    elseif over then
      local done, why, code = state.over:wait()
      if not done then return nil, why, code end
      return nil
    end
    state.changed:wait()
  end
end

local function some(output) return output.size > 0 and output:take() or nil end

function acts.read(state, asked)
  return next_of(state, state[asked.output or "stdout"], some)
end

function acts.lines(state, asked, context)
  local output = state[asked.output or "stdout"]
  return function() return context.call(next_of, state, output, queue.line) end
end

function acts.signal(state, asked, context)
  if state.over:is_set() then return nil, OVER, "ended" end
  return context.doors.signal(state.begun:wait().id, asked.name)
end

function acts.wait(state, asked)
  state.waited, state.full = true, true
  state.changed:fire()
  local done, why, code = state.over:wait(asked.seconds)
  if not done then
    if state.over:is_set() then return nil, why, code end
    return nil, "the program still runs", "timeout"
  end
  local result = {}
  for name, value in pairs(done) do result[name] = value end
  result.out, result.err = state.stdout:take(), state.stderr:take()
  result.truncated = state.stdout.cut or state.stderr.cut or false
  return result
end

function acts.close(state, _, _, ours)
  ours:close()
  state.over:wait()
  return true
end

-- What a method gives to Lua.
local function results(context, name, value, why, code)
  if value == nil and why == nil then return nil end
  if value == nil then return nil, why, codes.word(code) end
  if name ~= "wait" then return value end
  return context.outcome(value)
end

local function unknown(name)
  local names = {}
  for i, row in ipairs(program.rows) do names[i] = row.name end
  return ("a program has no '%s'%s"):format(tostring(name), suggest.hint(tostring(name), names))
end

-- The handle: what the rows name, and nothing else.
local function handle(context, state, ours)
  local members = {}
  for _, row in ipairs(program.rows) do
    members[row.name] = function(_, ...)
      local asked = signature.read(row, ...)
      return results(context, row.name, context.call(acts[row.name], state, asked, context, ours))
    end
  end
  return setmetatable({}, { __metatable = false, __name = "lunik.program",
    __index = function(_, name) return members[name] or error(unknown(name), 2) end,
    __newindex = function() error("nothing can be written to a program", 2) end,
    __close = function()
      if context.outside() then members.close() else ours:close() end    -- a task may be cancelled
    end })
end

-- Starts a program: its handle | nil, why, code. `context`: loop; doors (lunik.vm.streams.exec);
-- call(fn, …), which runs a function where it can wait; outside(), whether that is outside of all
-- tasks; outcome(done), the results of vm:exec.
function spawn.start(context, asked)
  local loop = context.loop
  local ours, theirs, code = core.chan.pair()
  if not ours then return nil, theirs, code end
  local state = { loop = loop, changed = loop:condition(), begun = loop:latch(),
                  over = loop:latch(), stdout = new_queue(), stderr = new_queue() }
  local opened, why
  local _ <close> = defer(function()
    if not opened then ours:close() end
  end)
  loop:spawn("program", follow, state, context.doors, asked, theirs)
  opened, why, code = state.begun:wait()
  if not opened then return nil, why, code end
  return handle(context, state, ours)
end

return spawn
