-- SPDX-License-Identifier: MIT
-- The code words of what cannot be done: the third result of a refused call in Lua, the class of
-- an error on the control socket. Programs rely on them; none ever changes its meaning. The example
-- is a call that may be refused so.
local errno = require "posix.errno"

local codes = {}

codes.rows = {
  { name = "invalid", doc = "the request itself is wrong: a name, a field, a value",
    example = 'vm:mount { from = "/nowhere" }' },
  { name = "missing", doc = "nothing is called so",
    example = 'vm:unmount "nothing"' },
  { name = "taken", doc = "an id, a name or a port is in use",
    example = 'vm:add_forward { guest = 80, port = 8080 }' },
  { name = "busy", doc = "it is in the middle of something, or somebody uses it",
    example = 'vm:unmount "src"' },
  { name = "refused", doc = "a policy or the guest refuses",
    example = 'vm:mount { from = "/etc" }' },
  { name = "unsupported",
    doc = "this machine, its QEMU, its agent or its supervisor cannot do that",
    example = 'vm:ssh_argv("true")' },
  { name = "unreachable", doc = "it cannot be asked: no agent, no ssh, or the machine is paused",
    example = 'vm:exec { "true" }' },
  { name = "timeout", doc = "it took longer than it was given",
    example = 'vm:wait(0.5)' },
  { name = "ended", doc = "the machine has ended, or is stopping",
    example = 'vm:exec { "poweroff" }' },
  { name = "closed", doc = "whoever was asked is gone: QEMU, a daemon, the supervisor",
    example = 'vm:slots()' },
  { name = "failed", doc = "anything else",
    example = 'vm:save()' },
}

local is = {}
for _, row in ipairs(codes.rows) do is[row.name] = row.name end

-- The same in other words: errno(3), and the classes of QMP's errors (qapi/error.json)
local same = {
  [errno.ETIMEDOUT] = "timeout", [errno.EPIPE] = "closed", [errno.ECONNRESET] = "closed",
  [errno.ECONNREFUSED] = "closed", [errno.ENOENT] = "missing", [errno.EINVAL] = "invalid",
  [errno.EBUSY] = "busy", [errno.EADDRINUSE] = "taken", [errno.EEXIST] = "taken",
  DeviceNotFound = "missing", CommandNotFound = "unsupported", KVMMissingCap = "unsupported",
  DeviceNotActive = "unsupported",
}

-- The code word for an errno, a class of QMP's, or a word that it is already.
function codes.word(code)
  return is[code] or same[code] or "failed"
end

return codes
