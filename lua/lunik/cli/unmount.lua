-- SPDX-License-Identifier: MIT
-- `lunik unmount`: takes a mount away from a running guest, in the guest first.
local attached = require "lunik.cli.attached"
local exit = require "lunik.exit"

local unmount = { name = "unmount", summary = "take a mount away from a running guest" }

function unmount.args(command)
  command:argument("machine", "a machine's name, or its recipe")
  command:argument("mount", "its tag, or its place in the guest or on the host")
  command:flag("--force", "from the programs that use it, too")
  command:option("--timeout", "for the guest to let go of it; default: 15s")
end

function unmount.run(args)
  local seconds, why, code = attached.seconds(args, "timeout")
  if seconds == false then return nil, why, code end
  return attached.with(args, function(vm)
    local ok, reason = vm:unmount(args.mount, { force = args.force, seconds = seconds })
    if not ok then return nil, reason, exit.problems end
    return exit.ok
  end)
end

return unmount
