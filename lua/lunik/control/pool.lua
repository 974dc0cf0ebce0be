-- SPDX-License-Identifier: MIT
-- Bytes that are kept for all clients together. Where they are more than the pool has, whoever
-- has most of them is cut off: it is they who do not read, or send without end.
local pool = {}
pool.__index = pool

function pool.new(most)
  return setmetatable({ most = most, total = 0, debts = {} }, pool)
end

local function largest(self)
  local found
  for session, debt in pairs(self.debts) do
    if not found or debt > self.debts[found] then found = session end
  end
  return found
end

-- What a session has of it now. Cuts off as many as there have to be, by their `cut`.
function pool:set(session, bytes)
  self.total = self.total + bytes - (self.debts[session] or 0)
  self.debts[session] = bytes > 0 and bytes or nil
  while self.total > self.most do
    local worst = largest(self)
    self:set(worst, 0)
    worst:cut()
  end
end

return pool
