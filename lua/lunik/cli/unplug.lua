-- SPDX-License-Identifier: MIT
-- `lunik unplug`: takes a device away from a running machine.
local attached = require "lunik.cli.attached"
local exit = require "lunik.exit"

local unplug = { name = "unplug", summary = "take a device away from a running machine" }

function unplug.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("device", "its id, as `lunik plug` and `lunik slots` say it")
  command:flag("--force", "whatever the guest says")
  command:option("--timeout", "for the guest to let go of it; default: 15s")
end

function unplug.run(args)
  local seconds, why, code = attached.seconds(args, "timeout")
  if seconds == false then return nil, why, code end
  return attached.with(args, function(vm)
    local ok, reason = vm:unplug(args.device, { force = args.force, seconds = seconds })
    if not ok then return nil, reason, exit.problems end
    return exit.ok
  end)
end

return unplug
