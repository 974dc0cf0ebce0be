-- SPDX-License-Identifier: MIT
-- Runs a user's function inside a task, a slice of instructions at a time, so that an
-- endless loop in a hook stalls nothing: between slices every other task runs.
local core = require "lunik.core"
local defer = require "lunik.async.defer"

local slice = {}

slice.SLICE = 100000                    -- instructions: about a millisecond
slice.BUDGET = 20 * 1000 * 1000 * 1000  -- then the function has run wild

local function too_long(seconds)
  return false, ("took longer than %g seconds"):format(seconds)
end

-- Hands the wait the function asked for to the loop, but not past `ends`.
local function hand_on(loop, ends, token, asked)
  if not loop.is_request(token) then return false end
  if ends then asked.deadline = math.min(asked.deadline or ends, ends) end
  return true, coroutine.yield(token, asked)
end

-- true, results… | false, why with its traceback. `seconds` limits all of it.
function slice.call(loop, seconds, fn, ...)
  local co = coroutine.create(fn)
  local _ <close> = defer(function() coroutine.close(co) end)
  local ends = seconds and loop.now() + seconds
  local state = table.pack(core.slice.resume(co, slice.SLICE, slice.BUDGET, ...))
  while state[1] == "sliced" or state[1] == "wait" do
    local answer = { true, n = 1 }
    if state[1] == "sliced" then
      loop:pass()
    else
      answer = table.pack(hand_on(loop, ends, state[2], state[3]))
      if not answer[1] then return false, "yielded something that is not a wait" end
    end
    if ends and loop.now() >= ends then return too_long(seconds) end
    state = table.pack(core.slice.resume(co, slice.SLICE, slice.BUDGET,
                                         table.unpack(answer, 2, answer.n)))
  end
  if state[1] == "error" then return false, state[2] end
  return true, table.unpack(state, 2, state.n)
end

return slice
