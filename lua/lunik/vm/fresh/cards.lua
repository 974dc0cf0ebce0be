-- SPDX-License-Identifier: MIT
-- The addresses of a machine's network cards: the one in a card's state, which came with the state
-- of the saved machine, and the one that its command line gives it, from its next reset on.

local NAME = "^[%w._-]+$"

-- Which addresses are to become which: { [old] = new } | nil, why. Only virtio's cards tell.
return function(monitor)
  local list, why = monitor:exec "query-rx-filter"
  if not list then return nil, why end
  local macs = {}
  for _, card in ipairs(list) do
    local name, is = card.name, card["main-mac"]
    local new = name:find(NAME) and monitor:exec("qom-get",
      { path = "/machine/peripheral/" .. name, property = "mac" })
    if new and new:lower() ~= is:lower() then macs[is:lower()] = new:lower() end
  end
  return macs
end
