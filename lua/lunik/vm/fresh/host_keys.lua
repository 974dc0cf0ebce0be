-- SPDX-License-Identifier: MIT
-- The keys by which the guest's sshd is known: new ones of the kinds that it has. They take seconds
-- to make, so they come once the machine is ready. Lunik's own ssh takes them at first sight, as it
-- took those before.
local ssh = require "lunik.vm.guest.ssh"
local system = require "lunik.vm.fresh.system"

local host_keys = { name = "host-keys", stage = "rest", script = [[
made=
for file in /etc/ssh/ssh_host_*_key; do
  [ -f "$file" ] || continue
  kind=${file##*/ssh_host_} kind=${kind%_key}
  rm -f "$file.new" "$file.new.pub"
  ssh-keygen -q -t "$kind" -N '' -f "$file.new" </dev/null || return
  mv "$file.new" "$file" && mv "$file.new.pub" "$file.pub" || return
  made=y
done
[ "$made" ] || { echo "there are none in /etc/ssh"; return 1; }
]] .. system.branch "sshd" }

function host_keys.asked(what, guest)
  local access = guest.plan.guest and guest.plan.guest.ssh
  if not what.host_keys then return nil end
  if access and access.known then return nil, "the guest has those that lunik has made for it" end
  return {}
end

function host_keys.after(guest)
  if guest.plan.guest and guest.plan.guest.ssh then os.remove(ssh.known_hosts(guest.plan)) end
end

return host_keys
