-- SPDX-License-Identifier: MIT
-- `lunik exec`: a program in the guest, by its agent or by ssh, with its output and its status.
local attached = require "lunik.cli.attached"
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local exit = require "lunik.exit"
local stream = require "lunik.cli.stream"

local exec = { name = "exec", summary = "run a program in a guest",
               verbatim = { ["--timeout"] = true } }

-- As env(1) and docker have it: what failed was lunik; the program could not be run; is not there.
local FAILED, REFUSED, MISSING = 125, 126, 127

local ENDING = 10          -- seconds for a machine to tell how it has ended

function exec.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("command", "the program and its arguments, options and all"):args "+"
  command:flag("-i --stdin", "hand over standard input as it comes")
  command:option("--timeout", "how long it may take, such as 30s or 2m; then it is ended")
  command:flag("--json", "as JSON")
end

-- Of a program that is not there the agent has only words.
local function failure(why, code)
  local text = tostring(why)
  if code == "unsupported" then return nil, text, REFUSED end
  return nil, text, text:find "No such file" and MISSING or FAILED
end

-- Text as it is, bytes in base64.
local function put(object, name, bytes)
  local whole = utf8.len(bytes) ~= nil
  object[whole and name or name .. "_b64"] = whole and bytes or base64.encode(bytes)
end

-- What is to be known of a result that is not whole, or came by another road: a list of lines.
local function remarks(name, result)
  local lines = {}
  if result.note then lines[1] = ("%s: %s"):format(name, result.note) end
  if result.truncated then
    lines[#lines + 1] = "lunik exec: the output was longer than 16 MiB, and is cut"
  end
  if result.late then lines[#lines + 1] = "lunik exec: " .. result.late end
  return lines
end

local function as_json(out, name, result)
  local object = { lunik = 1, name = name, status = result.status, signal = result.signal,
                   truncated = result.truncated, note = result.note, late = result.late }
  put(object, "out", result.out)
  put(object, "err", result.err)
  out:write(core.json.encode(object), "\n")
end

local function finish(args, out, err, name, result)
  if args.json then as_json(out, name, result) end
  local written, why = out:flush()
  for _, line in ipairs(remarks(name, result)) do err:write(line, "\n") end
  if not written then return nil, "cannot write its output: " .. why, FAILED end
  if result.truncated or result.late then return FAILED end
  return result.status or 128 + result.signal
end

local function run(vm, loop, args, out_file, err_file)
  local asked = table.move(args.command, 1, #args.command, 1, {})
  asked.seconds, asked.stdin = args.seconds, args.stdin and stream.reader(loop) or nil
  if not args.json then
    asked.stdout, asked.stderr = stream.writer(out_file), stream.writer(err_file)
  end
  local ran, status, out, err, more = pcall(vm.exec, vm, asked)
  if not ran then return stream.broken(status) end
  if status then
    return { status = not more.signal and status or nil, signal = more.signal, out = out,
             err = err, truncated = more.truncated, note = more.note }
  elseif type(more) == "table" then
    return { late = out, signal = more.signal, out = more.stdout, err = more.stderr,
             truncated = more.truncated, note = more.note }
  end
  -- a machine that ends may take its control socket with it before the answer
  local how = (err == "ended" or err == "closed") and vm:wait(ENDING)
  if how then return nil, "the machine has ended: " .. how.text, err end
  return nil, out, err
end

function exec.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  local result, name
  result, why, code = attached.with(args, function(vm, loop)
    name = vm.name
    attached.hear(vm, err)
    return run(vm, loop, args, out, err)
  end, "the program is ended in the guest")
  if code == exit.interrupted then return nil, why, code end
  if not result then return failure(why, code) end
  return finish(args, out, err, name, result)
end

return exec
