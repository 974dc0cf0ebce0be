-- SPDX-License-Identifier: MIT
-- The process of a pool: keeps the memory of what was saved, and in it as many clones as are to
-- stand ready; hands them out, and has others in their places, as far as memory and their number
-- allow. Killed, it takes those that nobody has claimed with it; those that somebody has are known
-- to the next pool of its name.
local book = require "lunik.supervisor.pool.book"
local clone = require "lunik.supervisor.pool.clone"
local desk = require "lunik.supervisor.pool.desk"
local defer = require "lunik.async.defer"
local directory = require "lunik.store.directory"
local fork = require "lunik.supervisor.fork"
local places = require "lunik.supervisor.pool.places"
local printable = require "lunik.text.printable"
local room = require "lunik.supervisor.pool.room"
local unistd = require "posix.unistd"

local keeper = {}
keeper.__index = keeper

local FIRST, LONGEST = 1, 60     -- seconds until it is tried again after a clone that failed
local MOMENT = 0.1               -- … until another is started in the place of one that is claimed

function keeper:tell(kind, text) self.with.tell(kind, printable(text, "\n\t")) end

local function write(self)
  local ok, why = book.write { name = self.name, from = self.asked.path, warm = self.asked.warm,
    most = self.asked.most, budget = self.asked.budget, next = self.number, clones = self.clones }
  if not ok then self:tell("problem", "not written down: " .. why) end
  return ok, why
end

-- The one place where a clone's state changes: true | nil, why it could not be written down.
local function move(self, one, state)
  one.state = state
  local ok, why = write(self)
  self.changed:fire()
  return ok, why
end

-- Why no clone is started at this moment, and for how many seconds at most | nil. Who has just
-- claimed one runs something there at once, and would share the processors with the start of
-- another, which nobody waits for.
local function held_back(self)
  local now, waiting = self.loop.now(), self.desk:waiting()
  return room.lack(self.clones, { warm = self.asked.warm + waiting, most = self.asked.most,
    budget = self.asked.budget, again = self.again and self.again - now,
    moment = waiting == 0 and self.claimed and self.claimed + MOMENT - now or nil })
end

-- What keeps it from having all that it is to have | nil
function keeper:held_back()
  local lack = held_back(self)
  return lack == "failed" and self.problem or room.text(lack, self.clones, self.asked)
end

-- Why there is no clone for one who does not wait.
function keeper:lack()
  return ("no clone of pool '%s' stands ready: %s"):format(self.name,
    self:held_back() or "one is being started")
end

local function remove(self, one)
  for i, each in ipairs(self.clones) do
    if each == one then table.remove(self.clones, i) end
  end
  write(self)
  self.changed:fire()
end

-- The end of a clone's life, which somebody has claimed, or nobody.
local function bury(self, one)
  one:wait(self.loop)
  if one.state ~= "claimed" then move(self, one, "ending") end
  local ok, why = one:bury(self.loop)
  self:tell(ok and "end" or "problem", ("%s %s"):format(one.name, ok and "has ended" or why))
  remove(self, one)
end

-- A clone that failed says why; it is tried again, ever later.
local function failed(self, one, why)
  if self.stopping then return end
  self.failures = (self.failures or 0) + 1
  self.again = self.loop.now() + math.min(LONGEST, FIRST << math.min(self.failures - 1, 10))
  self.problem = ("%s: %s"):format(one.name, why)
  self:tell("problem", self.problem)
  self.stands:set(nil, self.problem)
end

-- A task's work: a clone, from its start to its end.
local function live(self, one, each)
  local ok, why = one:start(self.loop, each, function()
    return self.with.plan(each, self.list.one)
  end, self.list.memory)
  if ok and self.stopping then ok, why = one:let_go(self.stopping) end
  if ok then
    self.failures, self.again, self.problem = nil, nil, nil
    self:tell("ready", one.name .. " stands ready")
    move(self, one, "ready")
    self.desk:serve()
  else
    failed(self, one, why)
  end
  bury(self, one)
end

-- Begins another clone: true | nil, why
local function begin(self)
  local each, why = fork.another(self.list, self.name .. "-{n}", self.number)
  if not each then return nil, why end
  self.number = each.number + 1
  local one = clone.new(each.name)
  self.clones[#self.clones + 1] = one
  -- one that is not remembered could not be removed
  if not write(self) then
    table.remove(self.clones)
    return nil, "not written down"
  end
  self.loop:spawn_for(function(text) self:tell("problem", text) end, one.name, live, self, one,
                      each)
  return true
end

-- The longest ready of those that stand | nil
function keeper:next()
  for _, one in ipairs(self.clones) do
    if one.state == "ready" and one:stands() then return one end
  end
end

-- Somebody waits for one.
function keeper:want() self.changed:fire() end

-- Gives it to a client, who is told once this is written down: true | nil, why
function keeper:claim(one, keep)
  one.claimed, one.kept = os.time(), keep or nil
  local ok, why = move(self, one, "claimed")
  if ok then
    self.claimed = self.loop.now()
    self:tell("claimed", one.name .. " is claimed")
    return true
  end
  one.claimed, one.kept, one.state = nil, nil, "ready"
  return nil, why
end

-- What it is, as `lunik pools` shows it.
function keeper:status()
  local asked, sum = self.asked, room.memory(self.clones)
  local clones = require "lunik.core".json.array {}
  for i, one in ipairs(self.clones) do
    clones[i] = { name = one.name, state = one.state, claimed = one.claimed, kept = one.kept,
                  memory = one.memory }
  end
  return { name = self.name, from = printable(asked.path), warm = asked.warm, most = asked.most,
           budget = asked.budget, memory = sum, waiting = self.desk:waiting(), clones = clones,
           problem = self.problem, held_back = self:held_back(), pid = unistd.getpid() }
end

-- How many there are that nobody has claimed.
local function own(self)
  local count = room.counts(self.clones)
  return count.starting + count.ready + count.ending
end

-- Those that are claimed still, and whose machines have ended, are just being buried.
local function settle(self)
  for _, one in ipairs(table.move(self.clones, 1, #self.clones, 1, {})) do
    if one.state == "claimed" and not one:runs(self.loop) then one.state = "ending" end
  end
end

local function end_all(self)
  for _, one in ipairs(self.clones) do
    if one.state == "starting" and one.up then one.up:stop() end
    if one.state == "ready" then one:let_go() end
  end
end

-- Ends it, and all clones that nobody has claimed. `gone` is set when that is done, with the names
-- of the others.
function keeper:stop(why)
  if self.stopping then return end
  self.stopping = ("pool '%s' is being stopped"):format(self.name)
  self:tell("stop", why)
  self.stands:set(nil, why)
  self.desk:dismiss(self.stopping)
  end_all(self)
  self.changed:fire()
end

-- What an earlier pool of this name has left: those that somebody has claimed are, the others are
-- just ending.
local function take_over(self)
  local before = book.read(self.name)
  if not before then return end
  self.number = before.next
  for _, each in ipairs(before.clones) do
    local one = clone.new(each.name)
    one.state = each.state == "claimed" and "claimed" or "ending"
    one.claimed, one.kept = each.claimed, each.kept
    self.clones[#self.clones + 1] = one
    one:find()
    self.loop:spawn_for(function(text) self:tell("problem", text) end, one.name, bury, self, one)
  end
end

-- Keeps as many ready as there are to be, until it is stopped.
local function work(self)
  while not self.stopping do
    local reason, seconds = held_back(self)
    if not reason then
      local ok, why = begin(self)
      if not ok then failed(self, { name = self.name }, why) end
    else
      if room.is_final(self.clones, reason) then self.stands:set(true) end
      self.changed:wait(seconds)
    end
  end
end

-- Removes what a pool that was killed has left, but for clones that somebody has claimed: the names
-- of those | nil, why
function keeper.clean(loop, name)
  local lock <close>, why = book.take(name)
  if not lock then return nil, why end
  local left = {}
  for _, each in ipairs((book.read(name) or { clones = {} }).clones) do
    local one = clone.new(each.name)
    if one:find() and each.state == "claimed" then
      left[#left + 1] = one.name
    else
      one:wait(loop)
      local ok, problem = one:bury(loop)
      if not ok then return nil, problem end
    end
  end
  places.silence(name)
  if #left == 0 then places.forget(name) end
  return left
end

-- The directories and the socket of a pool, whose lock is ours: a desk | nil, why
local function open(self)
  local made, why = directory.make(places.runtime())
  if not made then return nil, why end
  return desk.open(self.loop, places.socket(self.name), self)
end

-- Its record goes with its last clone; then it is nobody's. What is closed twice is so once.
local function close(self)
  if self.closed then return end
  self.closed = true
  if self.desk then self.desk:close() end
  places.silence(self.name)
  if #self.clones == 0 then places.forget(self.name) end
  self.lock:close()
end

-- The last that it does: nothing of it is left but clones that were claimed.
local function finish(self, why)
  self:stop(why)
  settle(self)
  while own(self) > 0 do self.changed:wait() end
  local left = require "lunik.core".json.array {}
  for i, one in ipairs(self.clones) do left[i] = one.name end
  close(self)
  self.gone:set(left)
  self.loop:pass()                     -- who has asked for the end is answered
end

-- Runs a pool in a task of `loop`, until it is stopped: true | nil, why. asked: name; path, where a
-- machine is saved; warm, how many are to stand ready; most, how many there may be; budget, bytes
-- that all may take; and what lunik.supervisor.fork is asked. with: differs(one); plan(each, one):
-- plan and machine | nil, why; tell(kind, text); begun(self), once it is nobody else's; ready(self)
function keeper.run(loop, asked, with)
  local lock <close>, why = book.take(asked.name)
  if not lock then return nil, why end
  local self = setmetatable({ loop = loop, name = asked.name, asked = asked, with = with,
    lock = lock, clones = {}, number = 1, changed = loop:condition(), stands = loop:latch(),
    gone = loop:latch() }, keeper)
  local _ <close> = defer(function() close(self) end)
  self.desk, why = open(self)
  if not self.desk then return nil, why end
  take_over(self)
  with.begun(self)
  local list <close>, problem = fork.open(asked.path, setmetatable({ leased = true,
    as = asked.name }, { __index = asked }), with.differs)
  if not list then return nil, problem end
  self.list = list
  local tasks = { loop:spawn("desk", desk.work, self.desk), loop:spawn("clones", work, self) }
  local ok
  ok, why = self.stands:wait()
  if ok then with.ready(self) else self:stop(why) end
  tasks[2]:join()
  tasks[1]:cancel()
  finish(self, why)
  return ok, why
end

return keeper
