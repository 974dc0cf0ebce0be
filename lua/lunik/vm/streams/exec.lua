-- SPDX-License-Identifier: MIT
-- vm:exec, wherever it is called: by streams where the guest has them, else by what the guest's
-- agent, or ssh, has captured at the end.
local defer = require "lunik.async.defer"
local follow = require "lunik.vm.streams.follow"
local input = require "lunik.vm.guest.input"

local exec = {}

local MOST = 16 << 20      -- bytes of an output that are kept where no function takes them
local PIECE = 65536

-- What takes an output in: put(bytes); text(), as far as it is kept; `cut`.
local function collector(sink)
  local self, parts, size = {}, {}, 0
  function self.put(bytes)
    if sink then return sink(bytes) end
    local room = MOST - size
    if #bytes > room then bytes, self.cut = bytes:sub(1, room), true end
    parts[#parts + 1], size = bytes, size + #bytes
  end
  function self.text() return table.concat(parts) end
  return self
end

-- What is to be fed, as a function that gives it in pieces | nil
local function source_of(asked)
  if asked.stdin or not asked.input then return asked.stdin end
  local next_piece = input.pieces(asked.input, PIECE)
  return function()
    local bytes, why = next_piece()
    if why then error("exec: its input: " .. why, 0) end
    return bytes
  end
end

local function all(source)
  local parts = {}
  for bytes in source do parts[#parts + 1] = bytes end
  return table.concat(parts)
end

-- With functions for its output it is all handed over at the end.
local function captured(doors, asked, out, err)
  local done, why, code = doors.captured { argv = asked.argv, seconds = asked.seconds,
                                           input = asked.stdin and all(asked.stdin) or asked.input }
  if not done then return nil, why, code end
  out.put(done.out or "")
  err.put(done.err or "")
  done.out, done.err = out.text(), err.text()
  return done
end

-- The shell of the guest says 128 and the signal.
local function result(status, asked, late, out, err)
  local signal = status > 128 and status <= 192 and status - 128 or nil
  return { status = not signal and status or nil, signal = signal, out = out.text(),
           err = err.text(), truncated = out.cut or err.cut or false,
           late = late and ("still running after %g s: ended in the guest"):format(asked.seconds) }
end

-- Follows what was opened to its end: its status and what was said of it | nil, why, code
local function to_the_end(loop, doors, opened, sinks)
  local seen = false
  local _ <close> = defer(function()
    if not seen then doors.leave(opened.id) end
  end)
  local status, broken = follow.run(loop, opened, sinks)
  seen = true
  local closed, why, code = doors.close(opened.id)
  if not closed then return nil, why, code end
  if not status then return nil, "the program's output ended before the program: " .. broken end
  return status, closed
end

-- { status | signal, out, err, truncated, note, late } | nil, why, code. `asked`: as vm:exec has
-- it. `doors`: open(argv, options), close(id), leave(id) of lunik.vm.streams; captured(asked). An
-- "unsupported" one has run nothing yet, and without captured() is all that is tried.
function exec.run(loop, doors, asked)
  local out, err = collector(asked.stdout), collector(asked.stderr)
  local source = source_of(asked)
  local opened, why, code = doors.open(asked.argv, { input = source ~= nil,
                                                     seconds = asked.seconds })
  local status, closed
  if opened then
    status, closed, code = to_the_end(loop, doors, opened,
                                      { stdout = out.put, stderr = err.put, stdin = source })
    why = closed
  end
  if status then return result(status, asked, closed.late, out, err) end
  if code == "unsupported" and doors.captured then return captured(doors, asked, out, err) end
  return nil, why, code
end

-- The doors of the process that has the machine.
function exec.doors(vm)
  return {
    open = function(argv, options) return vm.streams:open(argv, options) end,
    close = function(id) return vm.streams:close(id) end,
    leave = function(id) return vm.streams:leave(id) end,
    captured = function(what)
      local done, why, code = vm.guest:exec(what.argv, what)
      if not done then return nil, why, code end
      return { status = done.status, signal = done.signal, out = done.out, err = done.err,
               truncated = done.truncated or false, note = done.note, late = done.late,
               pid = done.late and done.pid or nil }
    end }
end

-- The same in the process that has the machine.
function exec.here(vm, asked) return exec.run(vm.loop, exec.doors(vm), asked) end

return exec
