-- SPDX-License-Identifier: MIT
-- Jobs and batches by what people call them: "slurm:1234_5" and "slurm:1234", "local:dev-1_5". They
-- are looked for in the folder where they were submitted, which has their records.
local engines = require "lunik.fleet.engines"
local here = require "lunik.fleet.local"
local host = require "lunik.host"
local printable = require "lunik.text.printable"
local records = require "lunik.fleet.records"
local suggest = require "lunik.text.suggest"

local find = {}

-- "slurm:1234_5" -> "slurm", "1234", 5; nil of what is no job's name
function find.split(text)
  local engine, rest = text:match "^(%l+):([%w._-]+)$"
  local known = false
  for _, name in ipairs(engines.names) do known = known or name == engine end
  if not known then return nil end
  local key, number = rest:match "^(.-)_(%d+)$"
  return engine, key or rest, math.tointeger(number)
end

-- Whether a word names a job or a batch, as no machine is named.
function find.is_job(text) return type(text) == "string" and find.split(text) ~= nil end

local function id_of(found) return ("%s:%s"):format(found.batch.engine, found.id or found.key) end
find.id_of = id_of

-- A batch as lunik.fleet.records has it, and the number of the job that is meant of it, if one is
-- | nil, why
function find.of(text, dir)
  local engine, key, number = find.split(text)
  if not engine then
    return nil, ("%s: no job: slurm:1234_5 names one, slurm:1234 its array"):format(printable(text))
  end
  local names = {}
  for _, found in ipairs(records.batches(dir or host.real ".")) do
    names[#names + 1] = id_of(found)
    if found.batch.engine == engine and (found.id or found.key) == key then
      local count = #found.batch.jobs
      if number and not found.batch.jobs[number] then
        return nil, ("%s has %d jobs, and no job %d"):format(id_of(found), count, number)
      end
      return found, number
    end
  end
  return nil, ("no batch '%s:%s' was submitted in %s%s"):format(engine, printable(key),
    printable(host.real(dir or ".")), suggest.hint_or_all(engine .. ":" .. key, names, 8))
end

-- The jobs of a queue on this host wait as long as whoever submitted them is there.
local function add_local(queue, found)
  if not here.is_held(found) then return end
  for number = 1, #found.batch.jobs do
    queue[("%s_%d"):format(found.key, number)] = { state = "PENDING", here = true }
  end
end

-- What the queues of these batches know of them | nil, why, where one does not answer
function find.queue(loop, list)
  local ids = {}
  for _, found in ipairs(list) do
    if found.batch.engine == "slurm" then ids[#ids + 1] = found.id end
  end
  local queue, why = require "lunik.fleet.slurm".queue(loop, ids)
  if not queue then return nil, why end
  for _, found in ipairs(list) do
    if found.batch.engine == "local" then add_local(queue, found) end
  end
  return queue
end

return find
