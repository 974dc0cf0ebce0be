-- SPDX-License-Identifier: MIT
-- The numbers in ids that nobody gave ("usb-p1"): each family counts its own, and no request that
-- came to nothing, nor one that has an id, uses one up.
local numbers = {}

local function highest(context, family)
  local most = context.numbers[family] or 0
  for _, device in ipairs(context.devices) do
    local number = device.family == family and math.tointeger(device.id:match "%-p(%d+)$")
    most = math.max(most, number or 0)
  end
  return most
end

-- The next number of a family.
function numbers.take(context, family)
  local number = highest(context, family) + 1
  context.numbers[family] = number
  return number
end

-- Gives a number back, unless the device | nil that came of the request has it in its id, or a
-- later request has taken the next one.
function numbers.settle(context, family, number, device)
  if device and device.id:find("%-p" .. number .. "$") then return end
  if context.numbers[family] ~= number then return end
  context.numbers[family] = number > 1 and number - 1 or nil
end

return numbers
