-- SPDX-License-Identifier: MIT
-- Addresses of network cards: those of the saved machine are in the cards' own state, whatever the
-- command line says. One that cannot be changed while it is up is taken down, and keeps its routes.
-- What IPv6 has made of the old one is made anew, unless somebody has given the card more by hand.
-- A ping tells the neighbours.
local mac = { name = "mac", stage = "first", script = [[
change() {
  ip link set dev "$1" address "$2" 2>/dev/null && return
  routes=$(ip route show dev "$1")
  ip link set dev "$1" down && ip link set dev "$1" address "$2" || return
  ip link set dev "$1" up || return
  printf '%s\n' "$routes" | while read -r route; do
    # shellcheck disable=SC2086
    [ -z "$route" ] || ip route replace $route dev "$1"
  done
}
renew_ipv6() {
  switch=/proc/sys/net/ipv6/conf/$1/disable_ipv6
  [ -e "$switch" ] && [ "$(cat "$switch")" = 0 ] || return 0
  ip -6 addr show dev "$1" scope global | grep inet6 | grep -qv dynamic && return
  echo 1 >"$switch"
  echo 0 >"$switch"
}
while [ $# -gt 1 ]; do
  found=
  for card in /sys/class/net/*; do
    [ -e "$card/device" ] && read -r has <"$card/address" && [ "$has" = "$1" ] || continue
    found=${card##*/}
    change "$found" "$2" || return
    renew_ipv6 "$found" 2>/dev/null
    ip neigh flush dev "$found" 2>/dev/null
    gateway=$(ip route show dev "$found" | sed -n 's/^default via \([^ ]*\).*/\1/p;q')
    [ -z "$gateway" ] || ping -c 1 -W 1 "$gateway" >/dev/null 2>&1 &
  done
  [ "$found" ] || { echo "no card has the address $1"; return 1; }
  shift 2
done
]] }

-- A list of the old and the new of each, in order.
function mac.pairs(macs)
  local list = {}
  for old in pairs(macs or {}) do list[#list + 1] = old:lower() end
  table.sort(list)
  local out = {}
  for _, old in ipairs(list) do
    out[#out + 1], out[#out + 2] = old, (macs[old] or macs[old:upper()]):lower()
  end
  return out
end

function mac.asked(what)
  local list = mac.pairs(what.macs)
  return list[1] and list
end

return mac
