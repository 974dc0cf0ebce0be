-- SPDX-License-Identifier: MIT
-- Takes everything of a device back, in reverse: QEMU's part, what is left in the guest, what was
-- made on the host. It says what has become of the device, too.
local delete = require "lunik.hotplug.delete"
local errno = require "posix.errno"
local life = require "lunik.hotplug.life"
local mounts = require "lunik.hotplug.mounts"
local nic_forwards = require "lunik.hotplug.nic_forwards"
local ports = require "lunik.plan.ports"

local take_back = {}

take_back.PATIENCE = 15    -- seconds for a guest to let a device go; native PCIe takes six

-- The state of a device that QEMU or the guest does not let go of: what is all there is plugged as
-- before, if its daemon lives.
local function remaining(device, code)
  if device.state == "dying" then return "lost" end
  if code == errno.ETIMEDOUT or not delete.is_whole(device.remove) then return "stuck" end
  if device.running and device.running.ended:is_set() then return "lost" end
  return "plugged"
end

local function remain(context, device, code)
  life.go(context, device, remaining(device, code))
  if device.state == "stuck" and context.insist then context.insist(device) end
  if device.running and device.state == "plugged" then context.processes.add(device.running) end
end

-- Undoes what the device had on the host: a list of failures.
local function release(context, device)
  local failures = device.undo:run()
  if device.running then
    local ended, left = context.processes.finish(device.running)
    if not ended then failures[#failures + 1] = left end
  end
  ports.release(context.ports, device.id)
  nic_forwards.drop(context, device)
  return failures
end

-- Takes a device back that is "unplugging", which ends as "gone", or "dying", which ends as "dead":
-- true | nil, why, code. One that does not go keeps its port until QEMU says that it has gone.
function take_back.run(context, device, seconds)
  if device.running then context.processes.remove(device.running) end
  local ok, why, code = delete.commands(context, device.remove, seconds)
  if not ok then
    remain(context, device, code)
    return nil, why, code
  end
  if device.left_in_guest then mounts.sweep(context, device) end
  local failures = release(context, device)
  if device.state == "dying" and not device.lent then
    device.port, device.why = nil, "its daemon died"
    life.go(context, device, "dead")
  else
    life.go(context, device, "gone")
  end
  if #failures > 0 then return nil, table.concat(failures, "; ") end
  return true
end

return take_back
