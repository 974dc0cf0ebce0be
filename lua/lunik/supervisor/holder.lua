-- SPDX-License-Identifier: MIT
-- A process that keeps the sealed memory of a saved machine while it is being forked from, so that
-- it is read and summed up once: started by the first fork, found by a socket that only its user
-- reaches, and over when nobody has asked for so long. Its death costs a reading, nothing else.
--
-- Spoken: "memory\n" is answered by "+" and a descriptor, "look\n" by a line of JSON, "over\n" by
-- its end.
local core = require "lunik.core"
local environment = require "lunik.process.environment"
local host = require "lunik.host"
local loop = require "lunik.async.loop"
local mode = require "lunik.system.mode"
local program = require "lunik.program"
local shape = require "lunik.store.shape"
local template = require "lunik.supervisor.template"
local turn = require "lunik.supervisor.turn"
local unistd = require "posix.unistd"

local holder = {}

local IDLE = 60            -- seconds: somebody who forks by hand does so again within them
local SHARE = 4            -- the part of what the host has left that one may keep: clones need more
local PATIENCE = 10        -- seconds for it to be there
local LOADING = 10         -- … to have read what it keeps, and one for so many bytes of it:
local SECOND = 50 << 20
local ASKING = 2           -- … for a line of somebody who has connected
local LINE = 1024
local LINK = 3
local PREFIX = ".held-"

local FORMS = { folder = shape.text, bytes = shape.integer, pid = shape.pid,
                left = shape.integer }

-- The generation is anybody's text.
local function places(saved)
  local stem = ("%s/%s%s"):format(host.runtime, PREFIX,
                                  core.copy.sha256(saved.generation):sub(1, 16))
  return { lock = stem .. ".lock", socket = stem .. ".sock" }
end

-- Whoever answers there, if it is this user | nil
local function connect(path)
  local chan = core.chan.connect(path, ASKING)
  if not chan then return nil end
  if chan:user() == unistd.geteuid() then return chan end
  chan:close()
end

-- The memory that a holder has, of so many bytes | nil
function holder.ask(saved, bytes)
  local chan <close> = connect(places(saved).socket)
  if not chan or not chan:send("memory\n", ASKING) then return nil end
  local byte, fds = chan:read(1, LOADING + bytes // SECOND, 1)
  local memory = byte == "+" and type(fds) == "table" and template.of_holder(fds[1], bytes)
  return memory or nil
end

-- Starts one, and waits until it can be asked: true | nil where there will be none
function holder.start(saved)
  local ours, theirs = core.chan.pair()
  if not ours then return nil end
  local _ <close> = ours
  local argv = program.argv("hold", saved.dir)
  local proc = argv and core.proc.spawn { argv = argv, env = environment(), cwd = "/",
    umask = mode.others, session = true, fds = { [LINK] = theirs:fd() }, seconds = PATIENCE }
  theirs:close()
  if not proc then return nil end
  local byte = ours:read(1, PATIENCE)
  proc:wait(PATIENCE)
  proc:close()
  return byte == "+" or nil
end

-- Whether a memory may be kept: nobody needs it more.
local function is_in_budget(bytes)
  local left = host.available_memory
  return not left or bytes <= left // SHARE
end

local answers = {}

function answers.memory(self, chan)
  self.used = loop.now()
  chan:send("+", ASKING, self.memory:fds())
end

function answers.look(self, chan)
  local left = math.max(0, math.floor(self.used + self.idle - loop.now()))
  chan:send(core.json.encode { folder = self.folder, bytes = self.bytes, left = left,
                               pid = unistd.getpid() } .. "\n", ASKING)
end

function answers.over(self) self.used = loop.now() - self.idle end

local function answer(self, chan)
  if chan:user() ~= unistd.geteuid() then return end
  local line = chan:receive(ASKING, LINE)
  if answers[line] then answers[line](self, chan) end
end

-- Answers until nobody has wanted the memory for so long.
local function serve(self, listening)
  while true do
    local left = self.used + self.idle - loop.now()
    if left <= 0 then return true end
    local chan <close> = listening:accept(left)
    if chan then answer(self, chan) end
  end
end

-- The process: keeps the memory of what is saved (lunik.vm.save.read), of so many bytes of the
-- host's, until it is over: true | nil, why. started() is called once it can be asked.
function holder.run(saved, bytes, started, idle)
  if not is_in_budget(bytes) then return nil, "the host has too little memory left" end
  local mine <close>, why = turn.try(places(saved))
  if not mine or not mine.listening then return nil, why or "nobody could ask for it" end
  started()
  local memory
  memory, why = template.load(saved)
  if not memory then return nil, why end
  local _ <close> = memory
  return serve({ memory = memory, folder = saved.dir, bytes = bytes, idle = idle or IDLE,
                 used = loop.now() }, mine.listening)
end

-- What the one says of itself that answers at a socket | nil
local function look(path)
  local chan <close> = connect(path)
  local line = chan and chan:send("look\n", ASKING) and chan:receive(ASKING, LINE * 8)
  local object = line and core.json.decode(line)
  local found, wrong = shape.read(FORMS, type(object) == "table" and object or {})
  for name in pairs(FORMS) do
    if wrong or found[name] == nil then return nil end
  end
  found.socket = path
  return found
end

-- What all that there are say of themselves: a list of { folder, bytes, pid, left (seconds) }
function holder.all()
  local list = {}
  for _, name in ipairs(host.list(host.runtime)) do
    local is_one = name:sub(1, #PREFIX) == PREFIX and name:find "%.sock$"
    list[#list + 1] = is_one and look(host.runtime .. "/" .. name) or nil
  end
  return list
end

-- Ends the one that keeps the memory of a folder that goes.
function holder.release(folder)
  for _, one in ipairs(holder.all()) do
    local chan <close> = one.folder == folder and connect(one.socket) or nil
    if chan and chan:send("over\n", ASKING) then chan:read(1, ASKING) end
  end
end

return holder
