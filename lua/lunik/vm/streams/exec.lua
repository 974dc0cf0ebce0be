-- SPDX-License-Identifier: MIT
-- vm:exec, wherever it is called: by streams where the guest has them, else by ssh's own, else by
-- what the guest's agent, or ssh, has captured at the end.
local defer = require "lunik.async.defer"
local follow = require "lunik.vm.streams.follow"
local input = require "lunik.vm.guest.input"
local program = require "lunik.vm.guest.program"
local road = require "lunik.vm.guest.road"

local exec = {}

exec.MOST = 16 << 20       -- bytes of an output that are kept where no function takes them
local PIECE = 65536

-- What takes an output in: put(bytes); text(), as far as it is kept; `cut`.
local function collector(sink)
  local self, parts, size = {}, {}, 0
  function self.put(bytes)
    if sink then return sink(bytes) end
    local room = exec.MOST - size
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

-- The guest's shell says 128 and the signal, which is not to be told from a status as large as
-- that. Programs end by signals below 32: what is above is taken for the status that it is.
local function result(status, asked, late, out, err)
  local signal = status > 128 and status < 128 + 32 and status - 128 or nil
  return { status = not signal and status or nil, signal = signal, out = out.text(),
           err = err.text(), truncated = out.cut or err.cut or false,
           late = late and ("still running after %g s: ended in the guest"):format(asked.seconds) }
end

local function has_functions(asked) return asked.stdin or asked.stdout or asked.stderr end

-- A guest that has no streams has them by ssh.
local function by_ssh(loop, doors, asked, note, out, err)
  local done, why, code = require "lunik.vm.streams.ssh".exec(loop, doors,
    { argv = asked.argv, seconds = asked.seconds, stdin = source_of(asked) }, out, err)
  if not done then return nil, why, code end
  done.out, done.err, done.note = out.text(), err.text(), note
  done.truncated = out.cut or err.cut or false
  return done
end

local function nothing() return nil end

-- Follows what was opened to its end, by `work`: the status and what was said of it | nil, why,
-- code: an "unsupported" one has run nothing.
local function to_the_end(doors, opened, work)
  local seen = false
  local _ <close> = defer(function()
    if not seen then doors.leave(opened.id) end
  end)
  local status, broken, word = work()
  seen = true
  local closed, why, code = doors.close(opened.id)
  if not closed then return nil, why, code end
  if status then return status, closed end
  if word then return nil, broken, word end
  return nil, "the program's output ended before the program: " .. broken, "closed"
end

local function piped(loop, doors, asked)
  local out, err = collector(asked.stdout), collector(asked.stderr)
  local source = source_of(asked)
  local opened, why, code = doors.open(asked.argv, { input = source ~= nil,
                                                     seconds = asked.seconds })
  local status, closed
  if opened then
    if asked.opened then asked.opened(opened) end
    status, closed, code = to_the_end(doors, opened, function()
      return follow.run(loop, opened, { stdout = out.put, stderr = err.put, stdin = source,
                                        gone = asked.gone })
    end)
    why = closed
  end
  if status then return result(status, asked, closed.late, out, err) end
  if code ~= "unsupported" or not doors.captured then return nil, why, code end
  local taken = has_functions(asked) and doors.road(asked.seconds)
  if not taken or taken.by ~= "ssh" then return captured(doors, asked, out, err) end
  return by_ssh(loop, doors, asked, taken.note, out, err)
end

-- The same on a terminal: `asked.terminal` gives rows and columns, and, called again, waits until
-- they have changed. Without streams there is none: nil, why, "unsupported".
local function on_terminal(loop, doors, asked)
  local rows, columns = asked.terminal()
  local opened, why, code = doors.open(asked.argv, { rows = rows, columns = columns,
                                                     term = asked.term })
  if not opened then return nil, why, code end
  local out = collector(asked.stdout)
  local status, closed
  status, closed, code = to_the_end(doors, opened, function()
    return follow.terminal(loop, opened, { stdin = asked.stdin or nothing, stdout = out.put,
      begun = asked.begun or nothing, size = asked.terminal,
      resize = function(...) doors.resize(opened.id, ...) end })
  end)
  if not status then return nil, closed, code end
  return result(status, asked, false, out, collector())
end

-- { status | signal, out, err, truncated, note, late } | nil, why, code. `asked`: as vm:exec has
-- it; opened(opened), called once the program has been started; gone (lunik.vm.streams.follow).
-- `doors`: open(argv, options), close(id), leave(id), resize(id, rows, columns) of
-- lunik.vm.streams; road(seconds), ssh_argv(argv), env(), and captured(asked).
function exec.run(loop, doors, asked)
  if asked.terminal then return on_terminal(loop, doors, asked) end
  return piped(loop, doors, asked)
end

-- The doors of the process that has the machine.
function exec.doors(vm)
  return {
    open = function(argv, options) return vm.streams:open(argv, options) end,
    close = function(id) return vm.streams:close(id) end,
    leave = function(id) return vm.streams:leave(id) end,
    resize = function(...) return vm.streams:resize(...) end,
    signal = function(...) return vm.streams:signal(...) end,
    road = function(seconds) return program.road(vm.guest, seconds) end,
    env = function() return vm.plan.env end,
    ssh_argv = function(argv)
      local forward = road.forward(vm.guest)
      if not forward then return nil, "no forward leads to the guest's ssh", "missing" end
      return require "lunik.vm.guest.ssh".argv(vm.plan, forward, argv)
    end,
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
