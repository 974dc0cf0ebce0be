-- SPDX-License-Identifier: MIT
-- What the tasks of a loop wait for, as poll(2) is asked for it, and whose wait is over.
-- `waiting` is a table of requests (lunik.async.loop) by their tasks.
local pollset = {}

local function wanted(events, asked)
  return { IN = events.IN or asked:find("r", 1, true) ~= nil,
           OUT = events.OUT or asked:find("w", 1, true) ~= nil }
end

-- Tasks are few (tens): the set for poll is gathered anew each turn, and the first
-- deadline is found on the way.
function pollset.gather(waiting)
  local fds, first = {}, nil
  for _, asked in pairs(waiting) do
    if asked.fd then
      local known = fds[asked.fd] or { events = {} }
      known.events = wanted(known.events, asked.events)
      fds[asked.fd] = known
    end
    if asked.deadline then first = math.min(first or asked.deadline, asked.deadline) end
  end
  return fds, first
end

local function holds(asked, revents)
  local broken = revents.ERR or revents.HUP or revents.NVAL
  local r = asked:find("r", 1, true) and (revents.IN or broken) and "r" or ""
  local w = asked:find("w", 1, true) and (revents.OUT or broken) and "w" or ""
  return r .. w
end

-- Those whose wait is over, { task, number, events }, in the order in which they began to wait;
-- events is "" where only the time is over.
function pollset.over(waiting, fds, now)
  local over = {}
  for which, asked in pairs(waiting) do
    local revents = asked.fd and fds[asked.fd].revents
    local events = revents and holds(asked.events, revents) or ""
    if events ~= "" or asked.deadline and asked.deadline <= now then
      over[#over + 1] = { task = which, number = asked.number, events = events }
    end
  end
  table.sort(over, function(a, b) return a.number < b.number end)
  return over
end

return pollset
