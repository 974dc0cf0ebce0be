-- SPDX-License-Identifier: MIT
-- `lunik wait`: until a machine is ready, or has ended. Its exit code says how it ended.
local attached = require "lunik.cli.attached"
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"

local verb = { name = "wait", summary = "wait until machines are ready, or have ended" }

function verb.args(command)
  arguments.machines(command)
  command:option("--for", "ready or end"):choices { "ready", "end" }:default "end"
  command:option("--timeout", "how long at most, such as 30s or 2m")
  command:flag("--json", "as JSON")
end

local function print(args, out, object)
  object.lunik = 1
  if args.json then out:write(core.json.encode(object), "\n") end
end

local waits = {}

function waits.ready(vm, args, out)
  local ok, why = vm:wait(args.seconds, "ready")
  print(args, out, { name = vm.name, ready = ok or false, why = why })
  if ok then return exit.ok end
  return nil, ("machine '%s': %s"):format(vm.name, why), exit.deadline
end

waits["end"] = function(vm, args, out)
  local how, why, word = vm:wait(args.seconds)
  if not how then
    local late = word == "timeout"
    print(args, out, { name = vm.name, ended = core.json.null, why = late and "timed out" or why })
    return nil, ("machine '%s': %s"):format(vm.name, why), late and exit.deadline or exit.crashed
  end
  print(args, out, { name = vm.name, ended = how })
  if args.json or how.code == exit.ok then return how.code end
  return nil, how.text, how.code
end

function verb.run(args, out, err)
  local why, code
  args.seconds, why, code = attached.seconds(args, "timeout")
  if args.seconds == false then return nil, why, code end
  return attached.each(args, function(vm)
    attached.hear(vm, err, "paused")
    return waits[args["for"]](vm, args, out)
  end)
end

return verb
