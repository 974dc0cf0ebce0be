-- SPDX-License-Identifier: MIT
-- Limits of this user's processes: getrlimit(2), as /proc has them.
local distribution = require "lunik.doctor.distribution"

local FILES = 65536        -- below that a guest that walks a large tree by virtiofs is refused some

-- The soft and the hard limit of a name: numbers, or math.huge | nil
local function limits(text, name)
  local function number(word)
    return word == "unlimited" and math.huge or math.tointeger(tonumber(word))
  end
  local soft, hard = text:match(name .. "%s+(%S+)%s+(%S+)")
  if soft then return number(soft), number(hard) end
end

return { name = "limits", doc = "limits of processes", look = function(host, say)
  local text = host.head("/proc/self/limits", 4096) or ""
  local _, files = limits(text, "Max open files")
  if files and files < FILES then
    say("warn", ("at most %d files may be open: a guest that uses many by virtiofs is refused more")
      :format(files), distribution.to_file(host, ("%s hard nofile %d"):format(host.user, 1 << 20),
        "/etc/security/limits.d/lunik.conf") .. ", and log in again")
  elseif files then
    say("ok", files == math.huge and "any number of files may be open"
      or ("%d files may be open"):format(files))
  end
  local _, locked = limits(text, "Max locked memory")
  if locked and locked < math.huge then
    say("ok", ("%d KiB may be locked: VFIO devices, and qemu.overcommit { mem_lock = true }, take "
      .. "all the guest's memory"):format(locked // 1024), "ulimit -l unlimited")
  elseif locked then
    say("ok", "any amount of memory may be locked")
  end
end }
