-- SPDX-License-Identifier: MIT
-- What is started together is let go together: what a clone does once nobody waits for it any more
-- would take the processors from those that are still to come.
local let_go = {}
let_go.__index = let_go

local MOST = 64            -- that are held; a descriptor each

function let_go.new() return setmetatable({}, let_go) end

-- One that has come up, or has not (lunik.supervisor.up). The longest held goes for it.
function let_go:add(up)
  self[#self + 1] = up
  if #self > MOST then table.remove(self, 1):close() end
end

function let_go:close()
  while self[1] do table.remove(self):close() end
end
let_go.__close = let_go.close

return let_go
