-- SPDX-License-Identifier: MIT
local defer = require "lunik.async.defer"

-- Runs all jobs at once: true when every one is done | nil, why, when the first fails;
-- the others are then cancelled.
return function(loop, jobs)
  local tasks, left, over = {}, #jobs, loop:latch()
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  for i, job in ipairs(jobs) do
    tasks[i] = loop:spawn("start", function()
      local ok, why = job()
      left = left - 1
      if not ok then over:set(nil, why) elseif left == 0 then over:set(true) end
    end)
  end
  if left == 0 then return true end
  return over:wait()
end
