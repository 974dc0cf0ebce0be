-- SPDX-License-Identifier: MIT
-- The folder of what runs: sockets and locks of this user alone, in memory, which lasts as long as
-- the machines.
local ROOM = 64            -- bytes that lunik's names take of the 107 of a socket's path

-- The folder itself, or what is there of the way to it.
local function existing(host, path)
  while path ~= "/" and not host.kind(path) do path = path:match "^(.+)/[^/]*$" or "/" end
  return path
end

-- The type of the file system that a path lies on, by the longest mount point: proc(5).
local function file_system(host, path)
  local best, kind = -1, nil
  for line in (host.head("/proc/self/mountinfo", 1 << 20) or ""):gmatch "[^\n]+" do
    local at, sort = line:match "^%S+ %S+ %S+ %S+ (%S+) .- %- (%S+)"
    local inside = at and (at == "/" or path == at or path:sub(1, #at + 1) == at .. "/")
    if inside and #at >= best then best, kind = #at, sort end
  end
  return kind
end

-- systemd removes /run/user/UID with the user's last session, unless the user lingers.
local function lasts(host)
  if not host.runtime:find "^/run/user/%d+/" then return true end
  return host.kind("/var/lib/systemd/linger/" .. host.user) ~= nil
end

return { name = "runtime", doc = "the folder of what runs", look = function(host, say)
  local path, there = host.runtime, existing(host, host.runtime)
  local owner = host.owner(there)
  if host.runtime_note then say("warn", host.runtime_note) end
  if not host.may(there, "wx") then
    say("fail", ("%s cannot be written to, and machines run in %s"):format(there, path),
      "export XDG_RUNTIME_DIR=/run/user/" .. host.uid)
  elseif there == path and owner and owner.uid ~= host.uid then
    say("fail", ("%s belongs to user %d"):format(path, owner.uid))
  elseif #path + ROOM > 107 then
    say("warn", ("%s is long: the sockets of machines with long names do not fit into 107 bytes")
      :format(path))
  else
    say("ok", path)
  end
  local kind = file_system(host, there)
  if kind and kind ~= "tmpfs" then
    say("warn", ("%s is on %s, not in memory: what is left there outlives a restart of the host")
      :format(path, kind))
  end
  if not lasts(host) then
    say("warn", "it goes with the last session of " .. host.user .. ", and machines with it",
      "loginctl enable-linger")
  end
end }
