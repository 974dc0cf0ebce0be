-- SPDX-License-Identifier: MIT
-- Whether the kernel has killed something of this job for want of memory, and what it had: told by
-- the cgroups that the job's own processes are in.
local host = require "lunik.host"

local memory = {}

-- cgroups(7): v1 has the counter in the task's own folder, the job's says 0; v2 counts all below.
local FORMS = {
  { named = "^%d+:([^:]*):(.*)$",
    is = function(names) return ("," .. names .. ","):find ",memory," end,
    root = "/sys/fs/cgroup/memory", counter = "memory.oom_control",
    limit = "memory.limit_in_bytes" },
  { named = "^0:(.-):(.*)$", is = function(names) return names == "" end,
    root = "/sys/fs/cgroup", counter = "memory.events", limit = "memory.max" },
}

local UNLIMITED = 1 << 60

-- The folders of this process by one form, innermost first: a list.
local function folders(form, text)
  for line in text:gmatch "[^\n]+" do
    local names, path = line:match(form.named)
    if names and form.is(names) then
      local list = {}
      while path and path ~= "" and path ~= "/" do
        list[#list + 1] = form.root .. path
        path = path:match "^(.*)/[^/]*$"
      end
      return list
    end
  end
  return {}
end

local function number(path, pattern)
  return math.tointeger((host.head(path, 4096) or ""):match(pattern))
end

-- What is killed and what the limit is: { killed, limit } of the first folder that says so | nil
local function look(form, text)
  local killed, limit = 0, nil
  for _, folder in ipairs(folders(form, text)) do
    killed = math.max(killed, number(folder .. "/" .. form.counter, "oom_kill (%d+)") or 0)
    local most = number(folder .. "/" .. form.limit, "^(%d+)")
    if most and most < UNLIMITED then limit = math.min(limit or most, most) end
  end
  return { killed = killed, limit = limit }
end

-- { killed (processes, until now), limit (bytes | nil) }
function memory.look()
  local text = host.head("/proc/self/cgroup", 1 << 16) or ""
  local found = { killed = 0 }
  for _, form in ipairs(FORMS) do
    local one = look(form, text)
    found.killed = math.max(found.killed, one.killed)
    found.limit = one.limit and math.min(found.limit or one.limit, one.limit) or found.limit
  end
  return found
end

return memory
