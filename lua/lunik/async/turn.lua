-- SPDX-License-Identifier: MIT
-- One at a time: a function that waits until nobody else has the turn. What it returns ends it when
-- it is closed.
local defer = require "lunik.async.defer"

return function(loop)
  local taken, free = false, loop:condition()
  return function()
    while taken do free:wait() end
    taken = true
    return defer(function()
      taken = false
      free:fire()
    end)
  end
end
