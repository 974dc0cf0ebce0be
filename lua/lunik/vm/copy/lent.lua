-- SPDX-License-Identifier: MIT
-- A large file into the guest by a mount that comes for it (lunik.vm.copy.lend), which the guest
-- reads as fast as its own disk; by the guest's serial port it would be told it byte by byte. The
-- guest copies it piece by piece, as it is told, so that it is known how far it is, and holes stay.
local defer = require "lunik.async.defer"
local held = require "lunik.vm.copy.held"
local pack = require "lunik.vm.copy.pack"
local stat = require "posix.sys.stat"

local lent = {}

lent.LEAST = 32 << 20      -- bytes that are worth it: bench/README.md, cp

local BLOCK, BIG = 4096, 1 << 20
local PIECE = 16           -- big blocks between two words of how far it is

-- The next piece of what has data from `at` to `to`: { size of a block, which, how many }
local function next_piece(at, to, size)
  if at % BIG == 0 and to == size then
    return { BIG, at // BIG, math.min(PIECE, (to - at + BIG - 1) // BIG) }
  elseif at % BIG == 0 and to - at >= BIG then
    return { BIG, at // BIG, math.min(PIECE, (to - at) // BIG) }
  end
  local ends = math.min(to, (at // BIG + 1) * BIG)
  return { BLOCK, at // BLOCK, (ends - at + BLOCK - 1) // BLOCK }
end

-- The pieces that a file with data in these places is copied in, { from, to } each; their bytes.
function lent.pieces(places, size)
  local list, bytes = {}, 0
  for _, place in ipairs(places) do
    local at = place.from
    while at < place.to do
      local piece = next_piece(at, place.to, size)
      local ends = math.min(size, (piece[2] + piece[3]) * piece[1])
      piece.bytes = ends - at
      list[#list + 1], at, bytes = piece, ends, bytes + piece.bytes
    end
  end
  return list, bytes
end

-- What the guest is told, a line at a time. Its last word waits until all has been read, and it is
-- known that the file has still been whole then.
local function telling(source, list, read)
  local at = 0
  return function()
    at = at + 1
    if at <= #list then return ("%d %d %d\n"):format(table.unpack(list[at])) end
    if at > #list + 1 then return nil end
    read:wait()
    if held.must(source.shown, stat.fstat(source.fd)).st_size < source.size then
      held.fail(source.shown, "failed", "it became shorter while it was read")
    end
    return "end\n"
  end
end

-- Hears the guest say that it has another piece, a line each; of more than there are nobody hears.
local function hearing(job, list, read)
  local done = 0
  return function(bytes)
    for _ in bytes:gmatch "\n" do
      done = done + 1
      if list[done] then job.told(list[done].bytes) end
    end
    if done >= #list then read:set(true) end
  end
end

local function copy(job, source, one, list, run)
  local read = job.loop:latch()
  if #list == 0 then read:set(true) end
  return pcall(run, one.at, {
    stdin = telling(source, list, read), stdout = hearing(job, list, read),
    gone = function()
      one.broken:wait()
      error({ why = "its daemon died", code = lent.UNREAD }, 0)
    end })
end

lent.UNREAD = "unread"     -- the code of what has failed so that another road may not

-- Puts an open file into the guest where that pays: true | false, for another road; raises what
-- `run(at, streams)` raises, which has the guest copy what it has there.
function lent.put(job, source, run)
  if not job.lend or source.size < lent.LEAST then return false end
  local list, bytes = lent.pieces(pack.data(source), source.size)
  local one = bytes >= lent.LEAST and job.lend(source.fd)
  if not one then return false end
  local closed, before, total = false, job.bytes, job.total
  local _ <close> = defer(function() if not closed then one.leave() end end)
  job.total = bytes
  local ok, why = copy(job, source, one, list, run)
  if ok then
    closed, job.road = true, "virtiofs"
    one.close()
    return true
  end
  if type(why) ~= "table" or why.code ~= lent.UNREAD then error(why, 0) end
  job.bytes, job.total = before, total
  return false
end

return lent
