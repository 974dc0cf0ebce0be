-- SPDX-License-Identifier: MIT
local defer = require "lunik.async.defer"

-- Runs all jobs at once, or `most` of them: true when every one is done | nil, why, when the first
-- fails; the others are then cancelled, or not begun.
return function(loop, jobs, most)
  local tasks, left, begun, over = {}, #jobs, 0, loop:latch()
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  local function work()
    while begun < #jobs and not over:is_set() do
      begun = begun + 1
      local ok, why = jobs[begun]()
      left = left - 1
      if not ok then over:set(nil, why) elseif left == 0 then over:set(true) end
    end
  end
  for i = 1, math.min(#jobs, most or #jobs) do tasks[i] = loop:spawn("start", work) end
  if left == 0 then return true end
  return over:wait()
end
