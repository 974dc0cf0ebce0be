-- SPDX-License-Identifier: MIT
-- Who gives the guest's cards their addresses, a row each: how it is told (`is`), and what takes a
-- lease anew (`lease`), by which the server hears of another client. $cards are the guest's cards.
-- The first that is there is taken.
local branch = require "lunik.vm.fresh.branch"

local rows = {
  { name = "networkd", is = "systemctl -q is-active systemd-networkd 2>/dev/null",
    lease = "systemctl restart systemd-networkd" },
  { name = "NetworkManager", is = "systemctl -q is-active NetworkManager 2>/dev/null",
    lease = [[
nmcli connection reload
for card in $cards; do nmcli -w 30 device connect "$card" >/dev/null || return; done]] },
  { name = "ifupdown", is = "[ -e /run/network/ifstate ] && command -v ifup >/dev/null",
    lease = [[
for card in $cards; do
  grep -q "^$card=" /run/network/ifstate || continue
  ifdown "$card" >/dev/null 2>&1
  ifup "$card" || return
done]] },
  -- it lets its lease go at USR2, and asks for one at USR1
  { name = "udhcpc", is = "pidof udhcpc >/dev/null", lease = [[
kill -USR2 $(pidof udhcpc) && kill -USR1 $(pidof udhcpc)]] },
  { name = "another", is = "true", lease = [[
echo "neither networkd, NetworkManager, ifupdown nor udhcpc runs there"
return 1]] },
}

local network = {}

function network.branch(step) return branch(rows, step) end

return network
