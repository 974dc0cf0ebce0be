-- SPDX-License-Identifier: MIT
-- The guest's name, at once and by the kernel alone: hostnamectl takes half a second. It is written
-- where the old one was, in /etc/hosts as well.
local hostname = { name = "hostname", stage = "first", script = [=[
read -r old </proc/sys/kernel/hostname
printf '%s\n' "$1" >/proc/sys/kernel/hostname || return
[ ! -e /etc/hostname ] || printf '%s\n' "$1" >/etc/hostname || return
[ -e /etc/hosts ] || return 0
found=
while read -r line; do
  case $line in *"$old"*) found=y ;; esac
done </etc/hosts
[ "$found" ] || return 0
old=$(printf %s "$old" | sed 's/[.]/\\./g')
sed -i -e "s/\([[:space:]]\)$old\$/\1$1/" -e "s/\([[:space:]]\)$old\([[:space:].]\)/\1$1\2/g" \
  /etc/hosts
]=] }

function hostname.asked(what) return what.hostname and { what.hostname } end

return hostname
