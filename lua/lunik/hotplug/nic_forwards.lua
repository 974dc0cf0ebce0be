-- SPDX-License-Identifier: MIT
-- What a network card that has come adds to its machine: forwards, with the ports that QEMU chose,
-- and a user network through which further ones can lead. They go with the card.
local forwards = require "lunik.qmp.forwards"

local nic_forwards = {}

-- Makes a card's networks known; a take-over does so again.
function nic_forwards.take(vm, device)
  for _, id in ipairs(device.networks or {}) do table.insert(vm.plan.networks, id) end
end

-- Binds the forwards that a sketch has drawn: true | nil, why
function nic_forwards.bind(vm, device, asked)
  nic_forwards.take(vm, device)
  if #asked == 0 then return true end
  for _, each in ipairs(asked) do
    if vm:find_forward(each.name) then
      return nil, ("nic.forward: the name '%s' is taken"):format(each.name)
    end
  end
  local text, why = vm:qmp("human-monitor-command", { ["command-line"] = "info usernet" })
  local found
  if text then found, why = forwards.match(asked, text) end
  if not found then return nil, why end
  table.move(found, 1, #found, #vm.bound + 1, vm.bound)
  return true
end

-- Forgets what has gone with a card.
function nic_forwards.drop(vm, device)
  for _, id in ipairs(device.networks or {}) do
    for i = #vm.bound, 1, -1 do
      if vm.bound[i].netdev == id then table.remove(vm.bound, i) end
    end
    for i = #vm.plan.networks, 1, -1 do
      if vm.plan.networks[i] == id then table.remove(vm.plan.networks, i) end
    end
  end
end

return nic_forwards
