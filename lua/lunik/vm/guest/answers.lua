-- SPDX-License-Identifier: MIT
-- What a guest's agent says, as answers. The guest may be hostile: what is kept of a line is
-- bounded in bytes, and what is made of it in values. What a program printed is decoded as it
-- arrives and never held as text; everything else that is no answer is skipped.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local errno = require "posix.errno"
local wait = require "lunik.async.wait"

local answers = {}
answers.__index = answers

answers.OUTPUT = 16 << 20  -- bytes of each output: the agent keeps no more

local SLOWEST = 1 << 18    -- bytes of an output a second: one that comes as fast is in time
local PIECE = 4096         -- bytes that are looked at before others have their turn
local LINE = 1 << 20       -- bytes of a line beside a program's output
local VALUES = 16384       -- of one answer: a list of file systems or of packages has hundreds
local OUTPUTS = '"(%l%l%l)%-data"%s*:%s*"'     -- where an output begins; out or err
local BEGINNING = 64       -- how far back one may have begun

function answers.new(loop, chan)
  local new = setmetatable({ loop = loop, chan = chan, piece = "", at = 1 }, answers)
  new:restart()
  return new
end

-- A line begins.
function answers:restart()
  self.text, self.seen, self.outputs, self.output, self.useless = "", 0, nil, nil, false
end

-- What has begun is no answer to what is asked next.
function answers:forget()
  self.text, self.seen, self.outputs, self.output, self.useless = "", 0, nil, nil, true
end

-- More of an output. Its last letters are kept until it is known that they are: they may be the
-- padding, or half of an escape.
local function decode(self, more, last)
  local output = self.output
  local text = output.rest .. more
  if text:find("\\", 1, true) then text = text:gsub("\\/", "/") end
  local whole = last and #text or math.max(0, #text - 1) // 4 * 4
  local bytes, why = base64.decode(text:sub(1, whole))
  output.rest = text:sub(whole + 1)
  if not bytes then output.why = output.why or why return end
  output.size = output.size + #bytes
  if output.size > answers.OUTPUT then
    output.why, output.parts = "over 16 MiB", {}
  elseif not output.why and #bytes > 0 then
    table.insert(output.parts, bytes)
  end
end

-- Bytes of the line outside of outputs, of which one may begin with them.
local function add(self, text)
  if self.useless then return end
  if #self.text + #text > LINE then return self:forget() end
  local from = math.max(1, self.seen + 1, #self.text - BEGINNING)
  self.text = self.text .. text
  local _, last, name = self.text:find(OUTPUTS, from)
  if not last then return end
  -- what is behind it is looked at again
  self.at = self.at - (#self.text - last)
  self.text, self.seen = self.text:sub(1, last), last
  self.output = { parts = {}, size = 0, rest = "" }
  self.outputs = self.outputs or {}
  self.outputs[name .. "-data"] = self.output
end

-- Where a line ends, is cut off by a restart, or an output in it ends; else behind the end.
local function stop_of(self, from)
  local piece = self.piece
  local line = piece:find("\n", from, true) or #piece + 1
  local cut = self.cut
  if not cut or cut < from then
    cut = piece:find("\xff", from, true) or #piece + 1
    self.cut = cut
  end
  if cut < line then line = cut end
  if not self.output then return line end
  local quote = piece:find('"', from, true)
  return quote and quote < line and quote or line
end

-- Takes what there is up to the end of a line, of an output, or of the piece: true at a line's end.
local function take(self)
  local from = self.at
  local stop = stop_of(self, from)
  local found, text = self.piece:sub(stop, stop), self.piece:sub(from, stop - 1)
  self.at = stop
  if self.output then
    decode(self, text, found == '"')
    if found == '"' then self.output = nil end
  else
    add(self, text)
    if self.at < stop then return false end
  end
  if found == "\n" then
    self.at = stop + 1
    return true
  elseif found == "\xff" then            -- whatever began before it is void
    self.at = stop + 1
    self:restart()
    self.marked = true
  end
  return false
end

-- Puts outputs where their places are in what is returned: what is wrong with one | nil
local function fill(state, outputs)
  local wrong
  if type(state) ~= "table" then return nil end
  for name, output in pairs(outputs or {}) do
    if state[name] ~= nil then state[name] = table.concat(output.parts) end
    wrong = wrong or output.why
  end
  return wrong
end

-- The answer in a line, as `next` has it, or nil.
local function read(self)
  local text, outputs, useless = self.text, self.outputs, self.useless or self.output
  self:restart()
  if useless or not text:find("{", 1, true) then return nil end
  local value, why, code = core.json.decode(text, { values = VALUES })
  if code == errno.EMSGSIZE then return { value = {}, spoiled = why } end
  if type(value) ~= "table" or core.json.is_array(value) then return nil end
  return { value = value, output = fill(value["return"], outputs) }
end

-- How much longer the answer that has begun may take: 43 MB are not said in a moment, and nobody
-- says them for ever.
local function grace(self)
  local bytes = 0
  for _, output in pairs(self.outputs or {}) do
    bytes = bytes + math.min(output.size, answers.OUTPUT)
  end
  return bytes / SLOWEST
end

-- The next answer: { value, marked (as a sync's), spoiled (why it is too much to be read), output
-- (what is wrong with a program's output) } | nil, why, errno
function answers:next(ends)
  while true do
    if self.at > #self.piece then
      local left = ends + grace(self) - self.loop.now()
      if left <= 0 then return nil, "no answer in time", errno.ETIMEDOUT end
      if #self.piece == PIECE then self.loop:pass() end
      local piece, why, code = wait.read(self.loop, self.chan, left, PIECE)
      if not piece then return nil, why, code end
      self.piece, self.at, self.cut = piece, 1, nil
    end
    if take(self) then
      local marked = self.marked
      self.marked = false
      local answer = read(self)
      if answer then
        answer.marked = marked
        return answer
      end
    end
  end
end

return answers
