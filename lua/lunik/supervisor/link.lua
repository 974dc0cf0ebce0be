-- SPDX-License-Identifier: MIT
-- What connects a supervisor with whoever started it, until the machine is up: the snapshot
-- comes over it, progress goes back as lines of JSON, and its end means that the machine is
-- not wanted any more. Both ends are here.
local core = require "lunik.core"
local latch = require "lunik.async.latch"
local printable = require "lunik.text.printable"
local snapshot = require "lunik.recipe.snapshot"
local wait = require "lunik.async.wait"

local link = {}
link.__index = link

local LINE = 1 << 20
local PATIENCE = 10

link.RELEASE = "release"   -- of a machine that is leased: it lives on its own from now on

function link.new(loop, chan)
  return setmetatable({ loop = loop, chan = chan }, link)
end

-- The starter: hands a snapshot over: true | nil, why
function link:hand(kept)
  local text = snapshot.encode(kept)
  return wait.send(self.loop, self.chan, ("%d\n%s"):format(#text, text), PATIENCE)
end

-- The starter: the next thing the supervisor says, a table | nil at its end
function link:hear()
  local line = wait.line(self.loop, self.chan, nil, LINE)
  return line and core.json.decode(line)
end

-- The starter: takes the wish back; said again, more urgently.
function link:stop()
  return wait.send(self.loop, self.chan, "stop\n", PATIENCE)
end

-- Whoever has a leased machine: lets it live on its own: true | nil, why
function link:release()
  return wait.send(self.loop, self.chan, link.RELEASE .. "\n", PATIENCE)
end

-- The starter: answers what it was asked, with a text, or with none.
function link:answer(text)
  return wait.send(self.loop, self.chan, core.json.encode { at = text } .. "\n", PATIENCE)
end

-- The starter: hands descriptors of memory over, for which it was asked.
function link:lend(fds)
  return self.chan:send("+", PATIENCE, fds)
end

-- The supervisor: asks for them: a list | nil, why. Nobody may wait in `asked` meanwhile.
function link:borrow()
  self:say "memory"
  local byte, fds = wait.read(self.loop, self.chan, PATIENCE, 1, 1)
  if byte == "+" and type(fds) == "table" then return fds end
  return nil, byte and "interrupted" or "it did not come"
end

-- The supervisor: the snapshot, and its text | nil, why
function link:take()
  local line, why = wait.line(self.loop, self.chan, nil, LINE)
  local size = line and math.tointeger(line)
  if not size or size > snapshot.largest then return nil, why or "no snapshot came" end
  local parts = {}
  while size > 0 do
    local bytes
    bytes, why = wait.read(self.loop, self.chan, PATIENCE, math.min(size, 65536))
    if not bytes then return nil, why end
    parts[#parts + 1], size = bytes, size - #bytes
  end
  local text = table.concat(parts)
  return snapshot.decode(text), text
end

-- The supervisor: a starter that does not read is not waited for long: it is gone, or of no use.
function link:say(kind, text, more)
  if not self.chan or self.deaf then return end
  local object = more or {}
  object.kind, object.text = kind, text and printable(text, "\n\t")
  self.deaf = not self.chan:send(core.json.encode(object) .. "\n", 1)
end

-- The supervisor: nobody listens any more.
function link:hush() self.deaf = true end

-- The supervisor: "stop" | nil at the starter's end. An answer goes to whoever has asked, and
-- to nobody at the end.
function link:asked()
  while true do
    local line = wait.line(self.loop, self.chan, nil, LINE)
    local answer = line and core.json.decode(line)
    if not line and self.answered then self.answered:set(nil) end
    if type(answer) ~= "table" then return line end
    if self.answered then self.answered:set(answer.at) end
  end
end

-- The supervisor: asks the starter something: what it answers | nil, where nobody does in time.
-- Somebody has to wait in `asked` meanwhile.
function link:ask(kind, text, more, seconds)
  if not self.chan or self.deaf then return nil end
  self.answered = latch.new(self.loop)
  self:say(kind, text, more)
  return (self.answered:wait(seconds))
end

-- The supervisor: asks the starter, who has the recipe, for the line of it that QEMU speaks of with
-- its last lines: a text (lunik.launch.blame) | nil
function link:where(lines, cause)
  local shown = core.json.array {}
  for i, line in ipairs(lines) do shown[i] = printable(line) end
  local text = self:ask("where", cause, { lines = shown }, PATIENCE)
  return type(text) == "string" and text or nil
end

function link:close()
  if self.chan then self.chan:close() end
  self.chan = nil
end

return link
