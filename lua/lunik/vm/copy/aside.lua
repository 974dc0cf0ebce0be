-- SPDX-License-Identifier: MIT
-- What is made aside has a name that says who makes it: where (this boot of this system, this
-- namespace of processes), its process, when that began. So the next one tells what somebody is at
-- from what somebody has left who was killed, and takes that away. The guest's half
-- (lunik.vm.copy.script) has the same names.
local host = require "lunik.host"
local unistd = require "posix.unistd"

local aside = {}

aside.FORM = ".lunik-cp-%s-%s-%s-%s"
local PATTERN = "^%.lunik%-cp%-(%x*%.%d*)%-(%d+)%-(%d*)%-%x+$"
local LONGEST = 7 * 24 * 3600      -- seconds that somebody elsewhere may be at one

local function place()
  local boot = host.boot:match "^%x+" or ""
  return boot .. "." .. ((unistd.readlink "/proc/self/ns/pid" or ""):match "%d+" or "")
end

-- When a process began, in ticks since this boot | nil, where there is none. proc(5): after the
-- name, which may hold anything.
local function born(pid)
  local stat = host.head(("/proc/%s/stat"):format(pid), 4096)
  local rest = stat and stat:match "^.*%) (.*)"
  return rest and rest:match("^" .. ("%S+ "):rep(19) .. "(%d+)")
end

-- A new name.
function aside.name()
  local pid = ("%d"):format(unistd.getpid())
  return aside.FORM:format(place(), pid, born(pid) or "", ("%016x"):format(math.random(0)))
end

-- Whether what has that name is left over. `changed`: when it was changed last.
local function is_left(name, changed)
  local where, pid, began = name:match(PATTERN)
  if not where then return false end
  if where ~= place() or pid == "0" then return os.time() - changed > LONGEST end
  return born(pid) ~= began
end

-- Takes away what is left over in a directory (lunik.vm.copy.held). What cannot be, stays.
function aside.sweep(folder)
  for _, name in ipairs(folder:names()) do
    local info = name:find(PATTERN) and folder:look(name)
    if info and info.st_uid == unistd.geteuid() and is_left(name, info.st_mtime) then
      pcall(folder.remove, folder, name)
    end
  end
end

return aside
