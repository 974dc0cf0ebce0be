-- SPDX-License-Identifier: MIT
-- Pools of clones that stand ready, each a process of its own: starting one, asking it, claiming a
-- clone of it. A clone belongs to its claimer, and ends when that one does, unless it is kept.
local book = require "lunik.supervisor.pool.book"
local codes = require "lunik.codes"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local directory = require "lunik.store.directory"
local errno = require "posix.errno"
local folder = require "lunik.saved.folder"
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local link = require "lunik.supervisor.link"
local machines = require "lunik.supervisor.machines"
local places = require "lunik.supervisor.pool.places"
local suggest = require "lunik.text.suggest"
local up = require "lunik.supervisor.up"
local wire = require "lunik.supervisor.pool.wire"

local pool = {}

local NAME = 52            -- bytes: of the longest name there is, without those of a number
local MOST = 1000          -- clones
local WARM, TIMES = 2, 5   -- how many stand ready, and how many times as many there may be
local ANSWER = 10          -- seconds for one that waits for nothing

local count = kind.int(1, MOST)

-- Three quarters of what this host has to spare: the rest is for whoever is not asked.
local function spare() return (host.available_memory or host.memory) // 4 * 3 end

local function read(kinds, what, value)
  local found, why = kinds.read(value, {})
  return found, why and ("%s: %s"):format(what, why)
end

-- How many stand ready, and how many there may be | nil, why
local function numbers(asked)
  local warm, why = read(count, "warm", asked.warm or WARM)
  if not warm then return nil, why end
  local most
  most, why = read(count, "max", asked.most or math.min(MOST, warm * TIMES))
  if not most then return nil, why end
  if most >= warm then return warm, most end
  return nil, ("%d are to stand ready, and there may be only %d"):format(warm, most)
end

-- The name of a pool of what is saved at a path | nil, why
local function named(name, path)
  if not host.kind(path) then
    return nil, ("%s: no such folder; lunik ls -a says which machines are saved"):format(path)
  end
  local opened, why = folder.open(path)
  if not opened then return nil, why end
  name = name or opened.machine.name:sub(1, NAME)
  if #name > NAME then return nil, ("a pool's name has at most %d letters"):format(NAME) end
  return kind.name.read(name, {})
end

-- What a pool's process is asked | nil, why. `path` is absolute; other paths are seen from here.
function pool.asked(asked)
  local name, why = named(asked.name, asked.path)
  if not name then return nil, why end
  local warm, most = numbers(asked)
  if not warm then return nil, most end
  return { name = name, path = asked.path, warm = warm, most = most,
           budget = asked.budget or spare(), forward = asked.forward, mounts = asked.mounts,
           memory = asked.memory, unsafe = asked.unsafe, host_keys = asked.host_keys,
           recipe = asked.recipe, template = asked.template, dir = host.real "." }
end

-- Starts the process of a pool, in a task of `loop`, and waits until as many clones stand ready as
-- can: its status | nil, why. asked: from pool.asked; tell(kind, text) hears of progress. What ends
-- before then takes all of it back.
function pool.start(loop, asked, tell)
  local started, why = up.begin(loop, { "--pool" })
  if not started then return nil, why end
  local _ <close> = defer(function() started:close() end)
  local ok
  ok, why = started.link:hand(asked)
  while ok do
    local said = started.link:hear()
    if not said then return nil, "its process ended unexpectedly" end
    if said.kind == "up" then return said.status end
    if said.kind == "failed" then return nil, said.text end
    if tell then tell(said.kind, said.text) end
  end
  return nil, why
end

local function unknown(name)
  return ("no pool '%s'%s"):format(name, suggest.hint_or_all(name, places.names(), 8))
end

-- Why nothing can be asked of a pool that is remembered.
function pool.gone(name)
  return ("pool '%s' has no process any more: lunik pool FOLDER --name %s goes on with it"):format(
    name, name)
end

-- A channel to a pool's process | nil, why, code ("missing": it has none)
local function connect(name)
  local ok, why, code = directory.trusted(places.runtime())
  local chan
  if ok then chan, why, code = core.chan.connect(places.socket(name), 1) end
  if chan then return chan end
  if code ~= errno.ENOENT and code ~= errno.ECONNREFUSED then return nil, why, codes.word(code) end
  if not host.kind(places.state(name)) then return nil, unknown(name), "missing" end
  return nil, pool.gone(name), "missing"
end

-- What the process of a pool answers, and a descriptor | nil, why, code
local function ask(loop, name, request, seconds)
  local chan <close>, why, code = connect(name)
  if not chan then return nil, why, code end
  local answer, fd, number = wire.ask(loop, chan, request, seconds)
  if answer then return answer, fd end
  code = codes.word(number)
  if code == "closed" then return nil, ("pool '%s' has ended"):format(name), code end
  return nil, ("pool '%s': %s"):format(name, fd), code
end

-- One that is remembered, and has no process.
local function remembered(name)
  local found = book.read(name) or { name = name, clones = {} }
  found.gone = true
  return found
end

-- What a pool is (lunik.supervisor.pool.keeper), or what is remembered of it: `gone` | nil, why
function pool.look(loop, name)
  local answer, why, code = ask(loop, name, { ask = "status" }, ANSWER)
  if answer and answer.status then return answer.status end
  if code == "missing" and host.kind(places.state(name)) then return remembered(name) end
  return nil, answer and (answer.why or "it does not say what it is") or why
end

pool.names = places.names

-- The name of the pool that is meant where none is said: the only one | nil, why
function pool.name(name)
  if name then return name end
  local names = places.names()
  if #names == 1 then return names[1] end
  if #names == 0 then return nil, "there is no pool: lunik pool FOLDER makes one" end
  return nil, "say which pool is meant: " .. table.concat(names, ", ")
end

-- Waits for a clone of a pool: its handle (lunik.supervisor.client), which ends the clone when it
-- is closed | nil, why, code ("busy": none stands ready; "timeout"). options: wait, false or
-- seconds; keep: the clone is to live on (pool.keep).
function pool.claim(loop, name, options)
  local patience = type(options.wait) == "number" and options.wait or nil
  local answer, fd, code = ask(loop, name, { ask = "claim", keep = options.keep or nil,
    wait = options.wait ~= false }, options.wait == false and ANSWER or patience)
  if not answer and code == "timeout" then
    return nil, ("no clone of pool '%s' has become free in time"):format(name), code
  end
  if not answer then return nil, fd, code end
  if not answer.name or not fd then
    return nil, answer.why or "it has answered without a clone", answer.code
  end
  local lease = link.new(loop, core.chan.adopt(fd))
  local vm, why = machines.attach(answer.name, loop)
  if not vm then
    lease:close()
    return nil, why
  end
  vm.lease = lease
  return vm
end

-- Lets a claimed clone live on without its claimer: true | nil, why
function pool.keep(vm)
  local ok, why = vm.lease:release()
  vm.lease:close()
  vm.lease = nil
  return ok, why
end

-- Ends a pool, and the clones that nobody has claimed: the names of the others | nil, why
function pool.stop(loop, name)
  local answer, why, code = ask(loop, name, { ask = "stop" })
  if answer and answer.left then return answer.left end
  if code == "missing" and host.kind(places.state(name)) then
    return require "lunik.supervisor.pool.keeper".clean(loop, name)
  end
  return nil, answer and (answer.why or "it does not end") or why
end

return pool
