-- SPDX-License-Identifier: MIT
-- Addresses of network cards: those of the saved machine are in the cards' own state, whatever the
-- command line says. One that cannot be changed while it is up is taken down, and keeps its routes.
-- What IPv6 has made of the old one is made anew, unless somebody has given the card more by hand.
-- The kernel itself tells the neighbours, and forgets what it knew of them, so that a connection by
-- which this is done lives on. Who has which is looked up first: the new one of a card may be
-- another's old one.
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
  [ -e "$switch" ] || return 0
  read -r off <"$switch"        # which has no end of a line, to one who reads byte by byte
  [ "$off" = 0 ] || return 0
  while read -r _ _ _ scope flags card; do
    case $card.$scope.$flags in "$1".00.[89a-f]*) return ;; esac
  done </proc/net/if_inet6
  echo 1 >"$switch"
  echo 0 >"$switch"
}
renew() {
  tells=/proc/sys/net/ipv4/conf/$1/arp_notify
  read -r told <"$tells"
  echo 1 >"$tells"
  change "$@" || return
  echo "$told" >"$tells"
  renew_ipv6 "$1" 2>/dev/null || true
}
todo= missing=
while [ $# -gt 1 ]; do
  found=
  for card in /sys/class/net/*; do
    [ -e "$card/device" ] && read -r has <"$card/address" && [ "$has" = "$1" ] || continue
    found=y todo="$todo ${card##*/} $2"
  done
  [ "$found" ] || missing="$missing $1"
  shift 2
done
set -- $todo
while [ $# -gt 1 ]; do
  renew "$1" "$2" || return
  shift 2
done
[ -z "$missing" ] || { echo "no card has the address$missing"; return 1; }
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
