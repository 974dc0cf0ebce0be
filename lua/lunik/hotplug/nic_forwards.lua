-- SPDX-License-Identifier: MIT
-- What a network card that has come adds to its machine: forwards, with the ports that QEMU chose,
-- and a user network through which further ones can lead. They go with the card.
local forwards = require "lunik.qmp.forwards"

local nic_forwards = {}

-- Makes a card's networks known; a take-over does so again.
function nic_forwards.take(context, device)
  for _, id in ipairs(device.networks or {}) do context.forwards.add_network(id) end
end

-- Binds the forwards that a card's row has drawn: true | nil, why, code
function nic_forwards.bind(context, device, asked)
  nic_forwards.take(context, device)
  if #asked == 0 then return true end
  for _, each in ipairs(asked) do
    if context.forwards.find(each.name) then
      return nil, ("nic.forward: the name '%s' is taken"):format(each.name), "taken"
    end
  end
  local text, why, code = context.monitor:exec("human-monitor-command",
                                               { ["command-line"] = "info usernet" })
  local found
  if text then found, why = forwards.match(asked, text) end
  if not found then return nil, why, code end
  for _, each in ipairs(found) do context.forwards.add(each) end
  return true
end

-- Forgets what has gone with a card.
function nic_forwards.drop(context, device)
  for _, id in ipairs(device.networks or {}) do context.forwards.drop_network(id) end
end

return nic_forwards
