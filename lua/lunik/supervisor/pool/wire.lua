-- SPDX-License-Identifier: MIT
-- What a pool's process and its clients say to each other: a line of JSON each way, and with the
-- answer to a claim a descriptor: the other end of the clone's link. Both ends are here, and each
-- takes of the other's line only what it knows.
local book = require "lunik.supervisor.pool.book"
local core = require "lunik.core"
local shape = require "lunik.store.shape"
local wait = require "lunik.async.wait"

local wire = {}

local REQUEST = 4096       -- bytes of a line
local ANSWER = 1 << 20
local VALUES = 1 << 16     -- in an answer
local PATIENCE = 5         -- seconds for the other side to say, or to take, a line

-- What may be asked: claim (wait: until there is one; keep: it lives on without its claimer),
-- status, stop.
local FORMS = { ask = shape.text, wait = shape.boolean, keep = shape.boolean }

local STATUS = shape.object({ name = shape.text, from = shape.text, warm = shape.integer,
  most = shape.integer, budget = shape.integer, memory = shape.integer, waiting = shape.integer,
  clones = shape.list(book.CLONE) }, { problem = shape.shown, held_back = shape.shown,
                                       pid = shape.pid })

local ANSWERS = { why = shape.shown, code = shape.shown, name = shape.text, status = STATUS,
                  left = shape.list(shape.text) }

local function decoded(line, forms, values)
  local object = line and core.json.decode(line, { values = values })
  if type(object) ~= "table" then return nil end
  return (shape.read(forms, object))
end

-- The client: what the pool answers to a request, and a descriptor | nil, why, errno. `seconds`:
-- nil waits as long as there is a pool.
function wire.ask(loop, chan, request, seconds)
  local ok, why, code = wait.send(loop, chan, core.json.encode(request) .. "\n", PATIENCE)
  if not ok then return nil, why, code end
  local line, fds
  line, fds, code = wait.line(loop, chan, seconds, ANSWER, 1)
  local answer = decoded(line, ANSWERS, VALUES)
  local fd = type(fds) == "table" and fds[1] or nil
  if answer then return answer, fd end
  if fd then require "posix.unistd".close(fd) end
  if line then return nil, "what it answers is no answer of a pool's" end
  return nil, fds, code
end

-- The pool: what a client asks | nil
function wire.request(loop, chan)
  return decoded(wait.line(loop, chan, PATIENCE, REQUEST), FORMS, 16)
end

-- The pool: answers, with a descriptor or without: true | nil, why. One who does not take it at
-- once is gone, or of no use.
function wire.answer(chan, object, fd)
  object.lunik = 1
  return chan:send(core.json.encode(object) .. "\n", 0, fd and { fd } or nil)
end

return wire
