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

local ENDING = 10          -- seconds for a machine to tell how it has ended

function exec.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("command", "the program and its arguments, options and all"):args "+"
  command:flag("-i --stdin", "hand over standard input, all of it, first")
  command:option("--timeout", "how long it may take, such as 30s or 2m")
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

local function print(args, out, err, name, result)
  if args.json then
    local object = { lunik = 1, name = name, status = result.status, signal = result.signal,
                     truncated = result.truncated }
    put(object, "out", result.out)
    put(object, "err", result.err)
    out:write(core.json.encode(object), "\n")
  else
    out:write(result.out)
    err:write(result.err)
  end
  if result.truncated then
    err:write "lunik exec: the output was longer than the agent carries, and is cut\n"
    return FAILED
  end
  return result.status or 128 + result.signal
end

local function run(vm, args)
  local asked = table.move(args.command, 1, #args.command, 1, {})
  asked.seconds, asked.input = args.seconds, args.stdin and io.read "a" or nil
  local status, out, err, more = vm:exec(asked)
  -- a machine that ends may take its control socket with it before the answer
  local how = not status and (err == "ended" or err == "closed") and vm:wait(ENDING)
  if how then return nil, "the machine has ended: " .. how.text, err end
  if not status then return nil, out, err end
  return { status = not more.signal and status or nil, signal = more.signal, out = out, err = err,
           truncated = more.truncated }
end

function exec.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  local result, name
  result, why, code = attached.with(args, function(vm)
    name = vm.name
    attached.hear(vm, err)
    return run(vm, args)
  end, "the program runs on in the guest")
  if code == exit.interrupted then return nil, why, code end
  if not result then return failure(why, code) end
  return print(args, out, err, name, result)
end

return exec
