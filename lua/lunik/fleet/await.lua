-- SPDX-License-Identifier: MIT
-- Waits for jobs, by their records: so it works without accounting, and after the queue has
-- forgotten them. Whoever ends on this host rings; what ends elsewhere is looked for now and then,
-- since a shared file system tells nobody.
local bell = require "lunik.fleet.bell"
local find = require "lunik.fleet.find"
local state = require "lunik.fleet.state"

local LOOK = 10            -- seconds between two looks at records, and at the queue
local SILENT = 30          -- times that the queue may not answer, as while it is started anew

-- The jobs that are meant of each batch, { found, number | nil }: a list, and whether all are over
local function look(wanted, queue)
  local list, over = {}, true
  for _, one in ipairs(wanted) do
    local all = one.number and { state.of(one.found, one.number, queue) }
                or state.all(one.found, queue)
    for _, job in ipairs(all) do
      list[#list + 1], over = job, over and job.over
    end
  end
  return list, over
end

local function batches(wanted)
  local list = {}
  for i, one in ipairs(wanted) do list[i] = one.found end
  return list
end

-- Whether by the records alone all is over: then no queue is asked.
local function settled(wanted)
  local list, over = look(wanted, nil)
  return over and list or nil
end

-- wanted: { found, number | nil } each, as lunik.fleet.find gives them. The jobs when all are over,
-- or when `seconds` are, and whether they are: list, over | nil, why
return function(loop, wanted, seconds)
  local ends = seconds and loop.now() + seconds or math.huge
  local ends_here <close>, silent = bell.new(loop), 0
  for _, one in ipairs(wanted) do ends_here:add(one.found.path, "create") end
  while true do
    local list, over = settled(wanted), true
    if not list then
      local queue, why = find.queue(loop, batches(wanted))
      silent = queue and 0 or silent + 1
      if silent > SILENT then return nil, why end
      list, over = look(wanted, queue)
    end
    local left = ends - loop.now()
    if over or left <= 0 then return list, over end
    ends_here:rest(math.min(LOOK, left))
  end
end
