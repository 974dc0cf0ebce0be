-- SPDX-License-Identifier: MIT
-- One at a time: a function that waits until nobody else has the turn. What it returns ends it when
-- it is closed. `patience()` gives for how many seconds more somebody waits, or nil: without end;
-- one who waits no longer gets nil.
local defer = require "lunik.async.defer"

return function(loop)
  local taken, free = false, loop:condition()
  return function(patience)
    while taken do
      local left = patience and patience()
      if left and left <= 0 then return nil end
      free:wait(left)
    end
    taken = true
    return defer(function()
      taken = false
      free:fire()
    end)
  end
end
