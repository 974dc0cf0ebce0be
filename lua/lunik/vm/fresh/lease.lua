-- SPDX-License-Identifier: MIT
-- The address that the guest has from a DHCP server, asked for as the machine that it is now. Where
-- a configuration knows a card by its old address it gets the new one first: who reads it finds no
-- card else.
local mac = require "lunik.vm.fresh.mac"
local network = require "lunik.vm.fresh.network"

local lease = { name = "lease", stage = "rest", script = [[
while [ $# -gt 1 ]; do
  for file in /etc/netplan/* /etc/systemd/network/* /run/systemd/network/* /etc/network/interfaces \
    /etc/network/interfaces.d/* /etc/NetworkManager/system-connections/* \
    /run/NetworkManager/system-connections/*; do
    [ ! -f "$file" ] || ! grep -qi "$1" "$file" || sed -i "s/$1/$2/gI" "$file" || return
  done
  shift 2
done
cards=
for card in /sys/class/net/*; do
  [ ! -e "$card/device" ] || cards="$cards ${card##*/}"
done
]] .. network.branch "lease" }

function lease.asked(what) return what.lease and mac.pairs(what.macs) end

return lease
