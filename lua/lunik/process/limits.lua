-- SPDX-License-Identifier: MIT
-- Tells where a hard limit of this process is low for what a machine does. Soft limits do not
-- matter: QEMU and the daemons get the hard ones (lunik.process.child).
local host = require "lunik.host"

local limits = {}

local OWN = 64             -- descriptors that a QEMU without devices may want
local EACH = 8             -- and for each device
local DAEMON = 1024        -- a daemon that shares a folder holds one for each file the guest knows

local function wanted(plan)
  local count = OWN + EACH * #(plan.devices or {}) + #(plan.descriptors or {})
  return #plan.helpers > 0 and math.max(count, DAEMON) or count
end

-- Tells of each by ctx.tell.
function limits.tell(ctx)
  local hard = host.limits
  if hard.files and hard.files < wanted(ctx.plan) then
    local who = #ctx.plan.helpers > 0 and "a daemon" or "QEMU"
    ctx.tell("note", ("a process may have %d files open at most (ulimit -Hn); %s may want %d")
      :format(hard.files, who, wanted(ctx.plan)))
  end
  if hard.size then
    ctx.tell("note", ("files end at %d KiB (ulimit -Hf): disks, logs, shared memory")
      :format(hard.size >> 10))
  end
end

return limits
