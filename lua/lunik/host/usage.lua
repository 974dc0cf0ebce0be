-- SPDX-License-Identifier: MIT
-- What a process of this host uses, as /proc shows it: proc(5). All of it is nil where that cannot
-- be read.
local facts = require "lunik.host.facts"
local unistd = require "posix.unistd"

local usage = {}

local TICKS = unistd.sysconf(unistd._SC_CLK_TCK)
local MOST = 1 << 16
local UTIME, STIME = 14, 15        -- fields of /proc/PID/stat, which count from 1

local function text(pid, name) return facts.head(("/proc/%d/%s"):format(pid, name), MOST) end

-- Seconds of processor time that it has had, in its own code and in the kernel | nil
function usage.cpu(pid)
  -- the second field is the program's name, in which there may be anything
  local rest = (text(pid, "stat") or ""):match "^.*%)%s+(.*)$"
  if not rest then return nil end
  local ticks, field = 0, 2
  for word in rest:gmatch "%S+" do
    field = field + 1
    if field == UTIME or field == STIME then ticks = ticks + (tonumber(word) or 0) end
  end
  return ticks / TICKS
end

local function kilobytes(found, name)
  local number = found and math.tointeger(found:match("%f[^\n\0]" .. name .. ":%s+(%d+) kB"))
  return number and number << 10
end

-- Bytes in memory | nil, and of those that it shares with others its part | nil where only their
-- owner may look; and what of that is in files without a disk
function usage.memory(pid)
  local parts = text(pid, "smaps_rollup")
  return kilobytes(text(pid, "status"), "VmRSS"), kilobytes(parts, "Pss"),
         kilobytes(parts, "Pss_Shmem")
end

-- The tap interfaces that it has open: a list of names.
local function taps(pid)
  local folder, list = ("/proc/%d/fd"):format(pid), {}
  for _, name in ipairs(facts.list(folder)) do
    if unistd.readlink(folder .. "/" .. name) == "/dev/net/tun" then
      list[#list + 1] = (text(pid, "fdinfo/" .. name) or ""):match "%f[^\n\0]iff:%s+(%S+)"
    end
  end
  return list
end

-- /proc/PID/net/dev: bytes and seven other counts of what came in, then of what went out
local COUNTS = "^%s*(%S+):%s*(%d+)" .. ("%s+%d+"):rep(7) .. "%s+(%d+)"

-- Bytes that came in by its tap interfaces, and went out, as its other end has them: received, sent
-- | nil where it has none
function usage.network(pid)
  local received, sent
  local names = taps(pid)
  for line in (names[1] and text(pid, "net/dev") or ""):gmatch "[^\n]+" do
    local device, came, went = line:match(COUNTS)
    for _, name in ipairs(names) do
      if device == name then
        -- what came in at the host's end, the guest has sent
        received, sent = (received or 0) + tonumber(went), (sent or 0) + tonumber(came)
      end
    end
  end
  return received, sent
end

return usage
