-- SPDX-License-Identifier: MIT
-- Opens something in a task of its own, to the end: one that nobody waits for any more by then is
-- left. Half of it never stays, whoever is cancelled. spawn(name, fn): starts the task; open() ->
-- what | nil, why, code; leave(what)
local defer = require "lunik.async.defer"

return function(spawn, name, open, leave)
  local wanted = true
  local task = spawn(name, function()
    local what, why, code = open()
    if what and not wanted then leave(what) end
    return what, why, code
  end)
  local _ <close> = defer(function() wanted = false end)
  local ran, what, why, code = task:join()
  if not ran then return nil, "bug: " .. tostring(what), "failed" end
  return what, why, code
end
