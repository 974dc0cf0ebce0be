-- SPDX-License-Identifier: MIT
-- `lunik exec`: a program in the guest, by its agent or by ssh, with its output and its status.
local attached = require "lunik.cli.attached"
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local exit = require "lunik.exit"

local exec = { name = "exec", summary = "run a program in a guest",
               verbatim = { ["--timeout"] = true } }

-- As env(1) and docker have it: what failed was lunik; the program could not be run; is not there.
local FAILED, REFUSED, MISSING = 125, 126, 127

function exec.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("command", "the program and its arguments, options and all"):args "+"
  command:flag("-i --stdin", "hand over standard input, all of it, first")
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

local function show(args, out, err, name, result)
  if args.json then
    local object = { lunik = 1, name = name, status = result.status, signal = result.signal,
                     truncated = result.truncated, note = result.note, late = result.late }
    put(object, "out", result.out)
    put(object, "err", result.err)
    out:write(core.json.encode(object), "\n")
    return out:flush()
  end
  err:write(result.err)
  local ok, why = out:write(result.out)
  if not ok then return nil, why end
  return out:flush()
end

local function print(args, out, err, name, result)
  local written, why = show(args, out, err, name, result)
  for _, line in ipairs(remarks(name, result)) do err:write(line, "\n") end
  if not written then return nil, "cannot write its output: " .. why, FAILED end
  if result.truncated or result.late then return FAILED end
  return result.status or 128 + result.signal
end

local function run(vm, args)
  local asked = table.move(args.command, 1, #args.command, 1, {})
  asked.seconds, asked.input = args.seconds, args.input
  local status, out, err, more = vm:exec(asked)
  if status then
    return { status = not more.signal and status or nil, signal = more.signal, out = out,
             err = err, truncated = more.truncated, note = more.note }
  elseif type(more) == "table" then
    return { late = out, signal = more.signal, out = more.stdout, err = more.stderr,
             truncated = more.truncated, note = more.note }
  end
  return nil, out, err
end

function exec.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  if args.stdin then args.input, why = io.read "a" end
  if why then return nil, "cannot read standard input: " .. why, FAILED end
  local result, name
  result, why, code = attached.with(args, function(vm)
    name = vm.name
    return run(vm, args)
  end, "the program runs on in the guest")
  if code == exit.interrupted then return nil, why, code end
  if not result then return failure(why, code) end
  return print(args, out, err, name, result)
end

return exec
