-- SPDX-License-Identifier: MIT
-- The next CPU that the machine has room for.
local kind = require "lunik.schema.kind"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"

local next_cpu = {
  doc = "one more CPU, while the machine runs: hotplug { cpus = N } makes room for it",
  fields = { { "id", kind = kind.id, example = 'id = "fifth"',
    doc = "cpu-p1, cpu-p2, … in order" } },
  needs = function() return { more_cpus = true } end,
  fork = "new",
}

function next_cpu.complete(cpu, context)
  cpu.id = cpu.id or name.numbered("cpu", context)
end

function next_cpu.check(_, context)
  if context.running then return true end
  return nil, nil, "is for machines that run: cpus = N is what one begins with"
end

-- The properties of the next place on the board; QEMU lists the last one first.
local function free_place(list)
  for i = #list, 1, -1 do
    if not list[i]["qom-path"] then return list[i] end
  end
end

local function in_use(list)
  local count = 0
  for _, place in ipairs(list) do count = count + (place["qom-path"] and 1 or 0) end
  return count
end

-- A script for the guest that brings CPUs online and prints how many it works with. Linux leaves a
-- new CPU offline unless a rule of udev's says otherwise; some kernels find none at all.
local ONLINE = [[
for online in /sys/devices/system/cpu/cpu*/online; do
	read -r now <"$online"
	[ "$now" != 0 ] || echo 1 >"$online" || exit
done
grep -c ^processor /proc/cpuinfo
]]

function next_cpu.plug(plan, cpu)
  local list = plan:ask "query-hotpluggable-cpus" or {}
  local place = free_place(list)
  if not place then
    return plan:refuse(("all %d CPUs that the machine has room for are there: hotplug { cpus = %d }"
      .. " makes room for more"):format(#list, #list + 1), "unsupported")
  end
  local props = { place.type, id = cpu.id }
  for key, value in pairs(place.props) do props[key] = value end
  plan:add(qemu.device(props))
  plan:in_guest { script = ONLINE, expected = ("%d"):format(in_use(list) + 1),
    what = "CPUs that the guest works with",
    by_hand = "in the guest: echo 1 > /sys/devices/system/cpu/cpuN/online" }
end

-- Why a CPU cannot go under TCG: tcg/region.c and accel/tcg of 7.2 keep pointers to one that is
-- gone, and the next device that comes ends QEMU with a corrupted heap.
function next_cpu.no_unplug(context)
  local kvm = context.monitor:exec "query-kvm"
  local version = context.monitor.qmp:greeting().version.qemu
  if kvm and not kvm.enabled and version.major < 10 then
    return ("unplugging a CPU under TCG corrupts QEMU %d.%d"):format(version.major, version.minor)
  end
end

return next_cpu
