-- SPDX-License-Identifier: MIT
-- The names in a table, in order.
return function(of)
  local names = {}
  for name in pairs(of) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  if names[2] then table.sort(names) end
  return names
end
