-- SPDX-License-Identifier: MIT
-- `lunik sshfs NAME`: what a machine has mounted over sshfs.
local ext = require "lunik.ext"

return {
  summary = "list what a machine has mounted over sshfs",
  args = function(command) ext.machine(command) end,
  run = function(args, out)
    return ext.attached(args, function(vm)
      local list, why = vm:sshfs()
      if not list then return nil, why end
      for _, one in ipairs(list) do out:write(one.source, " at ", one.to, "\n") end
      return ext.exit.ok
    end)
  end,
}
