-- SPDX-License-Identifier: MIT
-- What a guest has to do about a device that has come: bring a CPU or memory into use. A guest
-- finds its devices a moment after QEMU has them, and what does it by itself needs nobody.
local halves = {}

local PATIENCE = 30
local FOUND = 0.2          -- seconds for the guest to find what has come

-- Runs a script in the guest; where that cannot be, device.by_hand is what to type.
function halves.run(self, device, half)
  local guest = self.vm.guest
  if not guest:reachable() or not guest.alive and not guest.plan.guest.ssh then
    device.by_hand = half.by_hand
    return
  end
  self.vm.loop:sleep(FOUND)
  local result, why = guest:run_script(half.script, {}, PATIENCE)
  if result and result.status == 0 then return end
  device.by_hand = half.by_hand
  self.vm:tell("problem", ("%s: %s"):format(device.label, why or result.err))
end

return halves
