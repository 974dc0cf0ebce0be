-- SPDX-License-Identifier: MIT
-- What a guest has to do about a device that has come: bring a CPU or memory into use. A guest
-- finds its devices a moment after QEMU has them.
local guest_step = {}

local PATIENCE = 30
local SEEN = 3             -- seconds for a guest to find what has come
local AGAIN = 0.1

local function reached(step, result)
  if not result or result.status ~= 0 then return nil end
  return not step.expected or result.out:match "^%s*(.-)%s*$" == step.expected
end

local function failure(step, result, why)
  if not result then return why end
  if result.status ~= 0 then return result.err:match "^%s*(.-)%s*$" end
  return ("%s: %s, and %s was to be"):format(step.what, result.out:match "^%s*(.-)%s*$",
    step.expected)
end

-- Runs a step's script in the guest until it says what is expected; where that cannot be,
-- device.by_hand is what to type.
function guest_step.run(context, device, step)
  local guest, loop = context.guest, context.loop
  device.by_hand = step.by_hand
  if not guest.answers() then return end
  local ends = loop.now() + SEEN
  local result, why
  repeat
    loop:sleep(AGAIN)
    result, why = guest.run_script(step.script, PATIENCE)
    local done = reached(step, result)
    if done then device.by_hand = nil end
  until done or loop.now() >= ends
  if device.by_hand then
    context.tell("problem", ("%s: %s"):format(device.label, failure(step, result, why)))
  end
end

return guest_step
