-- SPDX-License-Identifier: MIT
-- What takes a copy in on the host: first what it is, then its bytes; at the end it comes to its
-- place. Where the guest prints both, its first line says what it is.
local held = require "lunik.vm.copy.held"
local mode = require "lunik.system.mode"
local stage = require "lunik.vm.copy.stage"
local stat = require "posix.sys.stat"
local unpack = require "lunik.vm.copy.unpack"

local receive = {}
receive.__index = receive

local FIRST = 64 << 10     -- bytes within which the guest's first line is; a login may print before
local LATEST = 1 << 40     -- seconds; no file is of a later time

-- `to`: a spot (lunik.vm.copy.spot); `base`: the name where none is asked for.
function receive.new(job, to, base)
  return setmetatable({ job = job, to = to, base = base }, receive)
end

-- what: kind ("file" or "directory"), mode, mtime, nanos
function receive:begin(what)
  self.what = what
  self.stage = stage.begin(self.to, self.base, what.kind)
  local folder = self.stage.folder
  if what.kind == "file" then
    self.sink = unpack.file(folder, stage.NAME, self.stage.shown, self.job.told)
    return
  end
  held.must(folder.shown, stat.mkdir(folder:at(stage.NAME), mode.folder))
  self.top = folder:enter(stage.NAME)
  self.top.shown = self.stage.shown
  self.sink = unpack.tree(self.top, { shown = self.stage.shown, told = self.job.told,
                                      skipped = self.job.skipped })
end

function receive:put(bytes) self.sink:feed(bytes) end

function receive:commit()
  if self.what.kind == "file" then
    self.sink:finish { mode = self.what.mode or mode.shared, mtime = self.what.mtime,
                       nanos = self.what.nanos }
  elseif not self.sink:whole() then
    held.fail(self.stage.shown, "failed", "the stream was cut off")
  end
  self.stage:commit(self.sink.root)
end

function receive:__close()
  if self.sink then self.sink:close() end
  if self.top then self.top:close() end
  if self.stage then self.stage:__close() end
  self.to.folder:close()
end

-- The same for a function that takes a file's bytes.
function receive.stream(job, asked)
  local self = {}
  function self.begin(_, what)
    if what.kind == "file" then return end
    held.fail(job.name .. ":" .. asked.from, "invalid", "is a directory, not a file")
  end
  function self.put(_, bytes)
    asked.sink(bytes)
    job.told(#bytes)
  end
  function self.commit() end
  return setmetatable(self, { __close = function() end })
end

local KINDS = { f = "file", d = "directory" }

-- Reads the guest's first line: what it is, its size, where its bytes begin | nil
local function first_line(text, id)
  local kind, bits, seconds, size, after =
    text:match(id .. " ([fd]) (%-?[0-7]*) (%-?[%d.]*) (%-?%d*)\n()")
  if not kind then return nil end
  local mtime, fraction = math.tointeger(tonumber(seconds:match "^%-?%d+")), 0
  if mtime and mtime >= 0 then fraction = tonumber(seconds:match "%.(%d%d%d%d%d%d%d%d%d)$") end
  return { kind = KINDS[kind], mode = tonumber(bits, 8), nanos = math.tointeger(fraction),
           mtime = mtime and math.abs(mtime) < LATEST and mtime or nil }, tonumber(size), after
end

-- A function that takes what the guest prints.
function receive.headed(id, into, job)
  local text = ""
  return function(bytes)
    if not text then return into:put(bytes) end
    text = text .. bytes
    local what, size, after = first_line(text, id)
    if not what and #text < FIRST then return end
    if not what then held.fail(job.name, "failed", "the guest does not say what it has") end
    if job.progress and size then job.total = what.kind == "file" and size or size << 10 end
    into:begin(what)
    bytes, text = text:sub(after), nil
    if bytes ~= "" then into:put(bytes) end
  end
end

return receive
