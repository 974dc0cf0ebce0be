-- SPDX-License-Identifier: MIT
-- Who has what a machine could not get: a port of this host, or a file; and of which machine of
-- lunik's it is. As far as /proc shows it: what belongs to other users is theirs.
local orphans = require "lunik.process.orphans"
local users = require "lunik.host.users"

local holder = {}

-- { pid, name, id = that of the machine of lunik's that it belongs to | nil }
local function known(one)
  return one and { pid = one.pid, name = one.name, id = orphans.id(one.pid) }
end

-- The process that a port of an address belongs to | nil. protocol: tcp or udp.
function holder.port(protocol, address, port)
  return known(users.of_port(protocol, address, port))
end

-- The process that has a tap interface open | nil
function holder.interface(name) return known(users.of_interface(name)) end

-- The process that has a file open, a machine's first | nil
function holder.file(path)
  local first
  for _, one in ipairs(orphans.holders(path)) do
    if one.id then return known(users.process(one.pid)) end
    first = first or one
  end
  return first and known(users.process(first.pid))
end

return holder
