-- SPDX-License-Identifier: MIT
-- A program in the guest with this process's standard streams, and the exit code it comes to.
local exit = require "lunik.exit"
local stream = require "lunik.cli.stream"

local stdio = {}

-- As env(1) and docker have it: what failed was lunik; the program could not be run; is not there.
stdio.FAILED, stdio.REFUSED, stdio.MISSING = 125, 126, 127

-- Of a program that is not there the agent has only words.
local function failure(why, code)
  local text = tostring(why)
  if code == "unsupported" then return nil, text, stdio.REFUSED end
  return nil, text, text:find "No such file" and stdio.MISSING or stdio.FAILED
end

-- What vm:exec came to: { status | signal, out, err, truncated, note, late } | nil, why, exit code
function stdio.result(ran, status, out, err, more)
  if not ran then
    local _, why = stream.broken(status)
    return nil, why, stdio.FAILED
  elseif status then
    return { status = not more.signal and status or nil, signal = more.signal, out = out,
             err = err, truncated = more.truncated, note = more.note }
  elseif type(more) == "table" then
    return { late = out, signal = more.signal, out = more.stdout, err = more.stderr,
             truncated = more.truncated, note = more.note }
  end
  return nil, out, err
end

-- Runs a program in the guest of `vm`, with what `with` has: out and err, files that its output
-- goes to at once; input (true: with standard input); seconds. Its result | nil, why, code
function stdio.run(vm, loop, argv, with)
  local why = with.input and stream.unreadable()
  if why then return nil, why, stdio.FAILED end
  local asked = table.move(argv, 1, #argv, 1, {})
  asked.seconds, asked.stdin = with.seconds, with.input and stream.reader(loop) or nil
  if with.out then
    asked.stdout, asked.stderr = stream.writer(with.out), stream.writer(with.err)
  end
  return stdio.result(pcall(vm.exec, vm, asked))
end

-- What is to be known of a result that is not whole, or came by another road: a list of lines.
local function remarks(name, verb, found)
  local lines = {}
  if found.note then lines[1] = ("%s: %s"):format(name, found.note) end
  if found.truncated then
    lines[#lines + 1] = verb .. ": the output was longer than 16 MiB, and is cut"
  end
  if found.late then lines[#lines + 1] = verb .. ": " .. found.late end
  return lines
end

-- The exit code for a result | nil, why, exit code. `verb` is "lunik exec" or the like.
function stdio.finish(found, why, code, with)
  if code == exit.interrupted then return nil, why, code end
  if not found then return failure(why, code) end
  local written, problem = with.flush()
  for _, line in ipairs(remarks(with.name, with.verb, found)) do with.err:write(line, "\n") end
  if not written then return nil, "cannot write its output: " .. problem, stdio.FAILED end
  if found.truncated or found.late then return stdio.FAILED end
  return found.status or 128 + found.signal
end

return stdio
