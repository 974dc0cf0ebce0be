-- SPDX-License-Identifier: MIT
-- What a guest has to do about a device that has come: bring a CPU or memory into use. A guest
-- finds its devices a moment after QEMU has them.
local guest_step = {}

local PATIENCE = 30
local SEEN = 3             -- seconds for a guest to find what has come
local AGAIN = 0.1

local function reached(half, result)
  if not result or result.status ~= 0 then return nil end
  return not half.expected or result.out:match "^%s*(.-)%s*$" == half.expected
end

local function failure(half, result, why)
  if not result then return why end
  if result.status ~= 0 then return result.err:match "^%s*(.-)%s*$" end
  return ("%s: %s, and %s was to be"):format(half.what, result.out:match "^%s*(.-)%s*$",
    half.expected)
end

-- Runs a script in the guest until it says what is expected; where that cannot be, device.by_hand
-- is what to type.
function guest_step.run(self, device, half)
  local guest, loop = self.vm.guest, self.vm.loop
  device.by_hand = half.by_hand
  if not guest:reachable() or not guest.alive and not guest.plan.guest.ssh then return end
  local ends = loop.now() + SEEN
  local result, why
  repeat
    loop:sleep(AGAIN)
    result, why = guest:run_script(half.script, {}, PATIENCE)
    local done = reached(half, result)
    if done then device.by_hand = nil end
  until done or loop.now() >= ends
  if device.by_hand then
    self.vm:tell("problem", ("%s: %s"):format(device.label, failure(half, result, why)))
  end
end

return guest_step
