-- SPDX-License-Identifier: MIT
-- Hears of files that come or grow on this host. What happens on another node no shared file system
-- tells, so whoever rests looks again after a while all the same.
local core = require "lunik.core"

local bell = {}
bell.__index = bell

-- A bell in a task's loop, to be closed.
function bell.new(loop)
  return setmetatable({ loop = loop, watch = core.watch.open() }, bell)
end

-- It rings at "create" or "modify" there; where nothing can be watched, never.
function bell:add(path, event)
  if self.watch then self.watch:add(path, event) end
end

-- Until it rings, or so many seconds are over.
function bell:rest(seconds)
  if not self.watch then return self.loop:sleep(seconds) end
  if self.loop:wait(self.watch:fd(), "r", seconds) then
    repeat until not self.watch:next(0)
  end
end

function bell:close()
  if self.watch then self.watch:close() end
end
bell.__close = bell.close

return bell
