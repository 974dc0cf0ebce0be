-- SPDX-License-Identifier: MIT
-- What a pool has written down: what it was asked for, and its clones, each before anything comes
-- of it, so that a claim outlives the pool's process. The lock beside it tells whose it is.
local core = require "lunik.core"
local directory = require "lunik.store.directory"
local errno = require "posix.errno"
local places = require "lunik.supervisor.pool.places"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"

local book = {}

local ENDING = 1           -- seconds for one that has just been stopped

-- States of a clone, in the order of its life.
local STATES = { starting = true, ready = true, claimed = true, ending = true }

local function state(value, at, wrong)
  if STATES[value] then return value end
  shape.bad(at, wrong)
end

local function name(value, at, wrong)
  if type(value) == "string" and value:find "^%w[%w._-]*$" then return value end
  shape.bad(at, wrong)
end

local function count(value, at, wrong)
  if math.type(value) == "integer" and value > 0 then return value end
  shape.bad(at, wrong)
end

-- As it is shown, too.
book.CLONE = shape.object({ name = name, state = state },
                          { claimed = shape.integer, kept = shape.boolean, memory = shape.integer })

local FORMS = { name = name, from = shape.text, warm = count, most = count, budget = count,
                next = count, clones = shape.list(book.CLONE) }

-- What is remembered of a pool, as far as it can be read | nil, why
function book.read(of)
  local object, why = records.object(places.book(of))
  if not object then return nil, why end
  local found = shape.read(FORMS, object)
  found.name, found.clones, found.next = of, found.clones or {}, found.next or 1
  return found
end

-- Writes it: true | nil, why. pool: as `read` gives it
function book.write(pool)
  local clones = core.json.array {}
  for i, one in ipairs(pool.clones) do
    clones[i] = { name = one.name, state = one.state, claimed = one.claimed, kept = one.kept }
  end
  local text = core.json.encode { lunik = 1, name = pool.name, from = portable.text(pool.from),
    warm = pool.warm, most = pool.most, budget = pool.budget, next = pool.next, clones = clones }
  return records.write(places.book(pool.name), text .. "\n")
end

-- Makes a pool ours: its lock | nil, why, and true where another process has it
function book.take(of)
  for _ = 1, 10 do
    local made, why = directory.make(places.state(of))
    if not made then return nil, why end
    local lock, problem, code = core.lock.take(places.lock(of), { wait = ENDING })
    if not lock and code == errno.EWOULDBLOCK then
      return nil, ("pool '%s' is there already: lunik pools"):format(of), true
    end
    if lock or code ~= errno.ENOENT then return lock, problem end
  end
  return nil, ("pool '%s' is just being removed"):format(of)
end

return book
