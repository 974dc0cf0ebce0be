-- SPDX-License-Identifier: MIT
-- The far end of a monitor, forked from the spec: speaks QMP from a list of rows.
-- (fake_qemu.lua is a whole program, for what is to be spawned.)
--   "greeting"  "hello" (greeting and capabilities)  "serve" (answers on, until the end)
--   "hang" (until the client has gone)  "die" (now)
--   { "reply", value }  { "error", class, desc }     to the next command
--   { "event", name, data }  { "raw", bytes }  { "drip", bytes, seconds between two }
--   function(fake) … end, which has fake:command(), fake:say(object) and fake.chan
-- A client that breaks the protocol makes it fail, which finish() tells.
local core = require "lunik.core"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"
local chan, json = core.chan, core.json

local qmp_peer = {
  greeting = { QMP = { capabilities = { "oob" }, version = {
    qemu = { major = 7, minor = 2, micro = 22 }, package = "fake" } } },
  status = { running = false, singlestep = false, status = "prelaunch" },
}
qmp_peer.__index = qmp_peer

local PATIENCE = 90

function qmp_peer:say(object)
  assert(self.chan:send(json.encode(object) .. "\r\n", PATIENCE))
end

-- The next command; nil at the client's end.
function qmp_peer:command()
  local text, why = self.splitter:next()
  while not text do
    assert(not why, why)
    local bytes = self.chan:read(65536, PATIENCE)
    if not bytes then return nil end
    self.splitter:feed(bytes)
    text, why = self.splitter:next()
  end
  local command = assert(json.decode(text))
  assert(command.execute or command["exec-oob"], "no command: " .. text)
  assert(not self.ids[command.id], "id used twice: " .. text)
  self.ids[command.id] = true
  return command
end

local rows = {}

function rows:greeting()
  self:say(qmp_peer.greeting)
end

function rows:hello()
  self:say(qmp_peer.greeting)
  local command = self:command()
  assert(command and command.execute == "qmp_capabilities", "capabilities must come first")
  self:say { ["return"] = {}, id = command.id }
end

function rows:reply(value)
  local command = assert(self:command(), "no command came")
  self:say { ["return"] = value == nil and {} or value, id = command.id }
end

function rows:error(class, desc)
  local command = assert(self:command(), "no command came")
  self:say { error = { class = class, desc = desc }, id = command.id }
end

function rows:event(name, data)
  self:say { event = name, data = data, timestamp = { seconds = 1, microseconds = 2 } }
end

function rows:raw(bytes)
  assert(self.chan:send(bytes, PATIENCE))
end

function rows:drip(bytes, seconds)
  for byte in bytes:gmatch "." do
    if not self.chan:send(byte, PATIENCE) then return end
    self.chan:read(1, seconds)
  end
end

function rows:hang()
  while self.chan:read(65536, PATIENCE) do end
end

function rows.die()
  unistd._exit(0)
end

function rows:serve()
  for command in self.command, self do
    if command.execute == "query-status" then
      self:say { ["return"] = qmp_peer.status, id = command.id }
    elseif command.execute == "query-name" then
      self:say { ["return"] = { name = "vm" }, id = command.id }
    else
      local desc = ("The command %s has not been found"):format(command.execute)
      self:say { error = { class = "CommandNotFound", desc = desc }, id = command.id }
    end
  end
end

-- Plays the rows to a connected chan, here and now.
function qmp_peer.play(connection, list)
  local fake = setmetatable({ chan = connection, splitter = json.splitter(), ids = {} }, qmp_peer)
  for _, row in ipairs(list) do
    if type(row) == "function" then
      row(fake)
    elseif type(row) == "table" then
      rows[row[1]](fake, table.unpack(row, 2))
    else
      rows[row](fake)
    end
  end
end

local function child(connection, list)
  local ok, why = xpcall(qmp_peer.play, debug.traceback, connection, list)
  if not ok then io.stderr:write("qmp peer: ", tostring(why), "\n") end
  unistd._exit(ok and 0 or 1)
end

local running = {}
running.__index = running

-- Starts it: a handle with .chan, the client's end.
function qmp_peer.start(list)
  local ours, theirs = assert(chan.pair())
  io.stdout:flush()
  local pid = assert(unistd.fork())
  if pid == 0 then
    ours:close()
    child(theirs, list)
  end
  theirs:close()
  return setmetatable({ pid = pid, chan = ours }, running)
end

-- Closes the client's end if it is still open here; whether the fake was content.
function running:finish()
  self.chan:close()
  local _, how, status = wait.wait(self.pid)
  return how == "exited" and status == 0
end

return qmp_peer
