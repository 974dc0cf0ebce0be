-- SPDX-License-Identifier: MIT
-- Calls work(loop, …), which waits, in a task of the caller's loop or, without one, of its own.
local loops = require "lunik.async.loop"

return function(loop, work, ...)
  if loop then return work(loop, ...) end
  local own = loops.new()
  return own:run(work, own, ...)
end
