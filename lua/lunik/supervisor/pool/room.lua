-- SPDX-License-Identifier: MIT
-- Whether a pool has room for another clone: in its number, and in memory, by what its clones take.
local host = require "lunik.host"

local room = {}

local LOOK = 5             -- seconds until memory is looked at again, where it holds a clone back

-- How many clones are in each state.
function room.counts(clones)
  local count = { starting = 0, ready = 0, claimed = 0, ending = 0 }
  for _, one in ipairs(clones) do count[one.state] = count[one.state] + 1 end
  return count
end

-- Bytes that all clones take, and one of them, as far as is known.
function room.memory(clones)
  local sum, known = 0, 0
  for _, one in ipairs(clones) do
    one.memory = one.state ~= "starting" and one:takes() or nil
    if one.memory then sum, known = sum + one.memory, known + 1 end
  end
  return sum, known > 0 and sum // known or nil
end

-- Whether one more has room. The first tells how much one takes.
local function fits(clones, starting, budget)
  local sum, each = room.memory(clones)
  if not each then return starting == 0 end
  return sum + (starting + 1) * each <= budget
end

-- Why no other clone is started at this moment, and for how many seconds at most | nil. wanted:
-- warm, most, budget; again, in how many seconds it is tried again after a failure | nil; moment,
-- for how many the processors are a claimer's | nil
function room.lack(clones, wanted)
  local count = room.counts(clones)
  if count.ready + count.starting >= wanted.warm then return "enough" end
  if #clones >= wanted.most then return "number" end
  if count.starting >= host.cpus then return "cpus" end
  if wanted.again and wanted.again > 0 then return "failed", wanted.again end
  if wanted.moment and wanted.moment > 0 then return "claimed", wanted.moment end
  if not fits(clones, count.starting, wanted.budget) then return "memory", LOOK end
end

-- Whether a lack stays as it is without anybody doing something: no clone is starting any more, and
-- where there are not enough, none is ending that another could follow.
function room.is_final(clones, lack)
  local count = room.counts(clones)
  return count.starting == 0 and (lack == "enough" or count.ending == 0)
end

local TEXTS = {
  number = function(clones, asked)
    return ("it has %d clones, and --max is %d"):format(#clones, asked.most)
  end,
  memory = function(clones, asked)
    local sum, each = room.memory(clones)
    return ("its clones take %d MiB, one more some %d, and --budget is %d"):format(sum >> 20,
      (each or 0) >> 20, asked.budget >> 20)
  end,
}

-- A lack in words, where it is one | nil
function room.text(lack, clones, asked)
  return TEXTS[lack] and TEXTS[lack](clones, asked)
end

return room
