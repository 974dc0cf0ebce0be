-- SPDX-License-Identifier: MIT
-- User namespaces, in which the daemons of mounts run, and further ids for the owners of files.
local distribution = require "lunik.doctor.distribution"

-- Sysctls that forbid them, the value that does, and the one that does not.
local SWITCHES = {
  { "kernel.unprivileged_userns_clone", "0", "1" },
  { "kernel.apparmor_restrict_unprivileged_userns", "1", "0" },
  { "user.max_user_namespaces", "0", "15000" },
}

-- The command that lets them be made | nil
local function mend(host)
  for _, switch in ipairs(SWITCHES) do
    local name, off, on = table.unpack(switch)
    local value = host.head("/proc/sys/" .. name:gsub("%.", "/"), 16)
    if value and value:match "^%d+" == off then
      return distribution.as_root(host, ("sysctl %s=%s"):format(name, on))
    end
  end
end

return { name = "namespaces", doc = "user namespaces and ids", look = function(host, say)
  local works, why = host.namespaces()
  if works then
    say("ok", "user namespaces can be made")
  else
    say("warn", ("no user namespace can be made: %s: mounts have no daemon of an ordinary user's")
      :format(why), mend(host))
  end
  if host.uid == 0 then return end
  local ids, missing = host.subids()
  if ids then
    say("ok", ("%d further user ids, %d group ids"):format(ids.uid.count, ids.gid.count))
  elseif missing:find "newuidmap" then
    say("warn", missing .. ": mount { owner = … } has no other owner than root",
      distribution.install(host, "subids"))
  else
    say("warn", missing .. ": mount { owner = … } has no other owner than root",
      ("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s"):format(host.user))
  end
end }
