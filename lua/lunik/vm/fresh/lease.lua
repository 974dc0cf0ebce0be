-- SPDX-License-Identifier: MIT
-- The address that the guest has from a DHCP server, asked for as the machine that it is now. Where
-- a configuration knows a card by its old address it gets the new one first: who reads it finds no
-- card else.
local mac = require "lunik.vm.fresh.mac"
local network = require "lunik.vm.fresh.network"

local lease = { name = "lease", stage = "rest", script = [[
if [ "$1" ]; then
  for file in /etc/netplan/* /etc/systemd/network/* /run/systemd/network/* /etc/network/interfaces \
    /etc/network/interfaces.d/* /etc/NetworkManager/system-connections/* \
    /run/NetworkManager/system-connections/*; do
    [ ! -f "$file" ] || ! grep -qi "$1" "$file" || sed -i "$2" "$file" || return
  done
fi
cards=
for card in /sys/class/net/*; do
  [ ! -e "$card/device" ] || cards="$cards ${card##*/}"
done
[ "$cards" ] || return 0
]] .. network.branch "lease" }

-- A pattern of the old ones, and a program of sed's that puts the new ones in their places: all by
-- words that are none, since the new one of a card may be another's old one.
function lease.asked(what)
  if not what.lease then return nil end
  local pairs, old, first, second = mac.pairs(what.macs), {}, {}, {}
  for i = 1, #pairs, 2 do
    old[#old + 1] = pairs[i]
    first[#first + 1] = ("s/%s/@card%d@/gI;"):format(pairs[i], i)
    second[#second + 1] = ("s/@card%d@/%s/g;"):format(i, pairs[i + 1])
  end
  return { table.concat(old, "\\|"), table.concat(first) .. table.concat(second) }
end

return lease
