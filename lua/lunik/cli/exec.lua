-- SPDX-License-Identifier: MIT
-- `lunik exec`: a program in the guest, with its output and its status.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local stdio = require "lunik.cli.stdio"

local exec = { name = "exec", summary = "run a program in a guest",
               verbatim = { ["--timeout"] = true, ["-m"] = true, ["--machine"] = true } }
exec.example = "lunik exec dev -- uname -a"
exec.more = { "lunik exec dev --timeout 2m -- make test", "lunik exec dev -i -- tar -x",
  "lunik exec dev -t -- top", "lunik exec -m dev --json -- uname -a" }
exec.hints = { ["missing argument 'command'"] =
  "the machine comes first: lunik exec dev -- make test; without one: lunik exec -- make test" }

local ENDING = 10          -- seconds for a machine to tell how it has ended

function exec.args(command, how)
  arguments.target(command, how)
  command:argument("command", "the program and its arguments, options and all"):args "+"
  command:flag("-i --stdin", "hand over standard input as it comes")
  command:flag("-t --tty", "on this terminal, with one of its own in the guest; Ctrl-] hangs up")
  command:option("--timeout", "how long it may take, such as 30s or 2m; then it is ended")
  command:flag("--json", "as JSON")
end

-- Text as it is, bytes in base64.
local function put(object, name, bytes)
  local whole = utf8.len(bytes) ~= nil
  object[whole and name or name .. "_b64"] = whole and bytes or base64.encode(bytes)
end

local function as_json(name, result)
  local object = { lunik = 1, name = name, status = result.status, signal = result.signal,
                   truncated = result.truncated, note = result.note, late = result.late }
  put(object, "out", result.out)
  put(object, "err", result.err)
  return core.json.encode(object) .. "\n"
end

local function run(vm, loop, args, out, err)
  attached.hear(vm, err)
  local result, why, code = stdio.run(vm, loop, args.command, { seconds = args.seconds,
    input = args.stdin, out = not args.json and out or nil, err = err })
  -- a machine that ends may take its control socket with it before the answer
  local how = not result and (code == "ended" or code == "closed") and vm:wait(ENDING)
  if how then return nil, "the machine has ended: " .. how.text, code end
  return result, why, code
end

function exec.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  if args.tty then
    return require "lunik.cli.tty".run(args, args.command, { verb = "lunik exec", err = err })
  end
  local result, name
  result, why, code = attached.with(args, function(vm, loop)
    name = vm.name
    return run(vm, loop, args, out, err)
  end, "the program is ended in the guest")
  if result and args.json then out:write(as_json(name, result)) end
  return stdio.finish(result, why, code, { verb = "lunik exec", name = name, err = err,
    flush = function() return out:flush() end })
end

return exec
