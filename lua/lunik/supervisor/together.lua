-- SPDX-License-Identifier: MIT
-- Machines that are started together: their supervisors come from one, as many at once as are
-- wanted, and all of them are let go at the end.
local let_go = require "lunik.supervisor.let_go"
local together = require "lunik.async.together"
local up = require "lunik.supervisor.up"

-- Calls start(each, from) for each of a list, in tasks of `loop`; from: source, held, for
-- lunik.supervisor.up. options: at_once, how many; over(), which says that no more is to begin.
return function(loop, list, options, start)
  local source <close> = #list > 1 and up.source() or nil
  local held <close> = let_go.new()
  local jobs, from = {}, { source = source, held = held }
  for i, each in ipairs(list) do
    jobs[i] = function()
      if not options.over() then start(each, from) end
      return true
    end
  end
  return together(loop, jobs, options.at_once)
end
