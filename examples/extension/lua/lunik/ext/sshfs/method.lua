-- SPDX-License-Identifier: MIT
-- vm:sshfs(): what is mounted over sshfs in the guest, as the guest says. Programs of other
-- languages ask the control socket: lunik-sshfs.
local ext = require "lunik.ext"

return {
  doc = "what the guest has mounted over sshfs", takes = {}, waits = true,
  gives = "a list of source, to", example = "vm:sshfs()",
  codes = { "timeout", "unreachable" },
  run = function(vm)
    local status, mounts, why = vm:exec { "cat", "/proc/mounts", seconds = 10 }
    if status ~= 0 then return nil, why or mounts, "unreachable" end
    local list = ext.list {}
    for source, to in mounts:gmatch "(%S+) (%S+) fuse%.sshfs " do
      list[#list + 1] = { source = source, to = to }
    end
    return list
  end,
}
