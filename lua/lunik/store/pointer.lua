-- SPDX-License-Identifier: MIT
-- Where a machine runs, in its state directory, which all sessions of a user share and maybe all
-- hosts: the host, its boot, the runtime directory there. A text; who owns the machine is told by
-- the lock beside it (lunik.store.locks).
local core = require "lunik.core"
local host = require "lunik.host"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local unistd = require "posix.unistd"

local pointer = {}

local FORMS = { runtime = shape.text, host = shape.text, hostname = shape.text, boot = shape.text,
                id = shape.id, supervisor = shape.pid }

function pointer.path(state) return state .. "/runtime.json" end
function pointer.lock(state) return state .. "/state.lock" end

-- Writes down that the machine `id` of a plan is run by this process: true | nil, why
function pointer.write(plan, id)
  local text = core.json.encode { lunik = 1, name = plan.name, id = id,
    runtime = portable.text(plan.runtime), supervisor = unistd.getpid(), host = host.machine_id,
    hostname = portable.text(host.hostname), boot = host.boot }
  return records.write(pointer.path(plan.state), text .. "\n")
end

-- Where the machine of a state directory was last started: { runtime, id, supervisor, hostname },
-- with `abroad` where that is another host, and `past` where it is this one before it was booted.
-- nil where nothing is known.
function pointer.read(state)
  local object = records.object(pointer.path(state))
  local found = object and shape.read(FORMS, object)
  if not found or not found.host then return nil end
  found.hostname = found.hostname or found.host
  -- images may share an id; a name is asked only where the boot differs, since it may be changed
  local same = found.host == host.machine_id
  found.abroad = not same or found.boot ~= host.boot and found.hostname ~= host.hostname
  found.past = not found.abroad and found.boot ~= host.boot
  if not found.abroad and not (found.runtime and found.runtime:sub(1, 1) == "/") then return nil end
  return found
end

return pointer
