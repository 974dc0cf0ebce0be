-- SPDX-License-Identifier: MIT
-- /etc/machine-id, and D-Bus's, where that is a file of its own. Who has read the old one goes on
-- with it until lunik.vm.fresh.journal and .lease. A guest that has none needs none.
local machine_id = { name = "machine-id", stage = "first", script = [[
for file in /etc/machine-id /var/lib/dbus/machine-id; do
  [ ! -f "$file" ] || [ -L "$file" ] || printf '%s\n' "$1" >"$file" || return
done
]] }

function machine_id.asked(what) return what.machine_id and { what.machine_id } end

return machine_id
