-- SPDX-License-Identifier: MIT
-- Makes the lock of a machine (lunik.plan.lock): a QEMU is started as in a trial, paused, with
-- nothing of this host's, and asked what it has made of the command line. The same is then started
-- as the lock says, and has to come out equal.
local core = require "lunik.core"
local hardware = require "lunik.saved.hardware"
local lock = require "lunik.plan.lock"
local sorted = require "lunik.text.sorted"
local trial = require "lunik.launch.trial"

local make = {}

-- What is of how a CPU was asked for, and not of what it is.
local ASKED = { type = true, enforce = true, check = true, migratable = true,
                ["host-cache-info"] = true, ["node-id"] = true }

-- All that QEMU tells of the first CPU, leaves of CPUID among it: values by name | nil, why
local function of_cpu(execute)
  local cpus, why = execute "query-cpus-fast"
  local path = cpus and cpus[1] and cpus[1]["qom-path"]
  local rows
  if path then rows, why = execute("qom-list", { path = path }) end
  if not rows then return nil, why end
  local out = {}
  for _, row in ipairs(rows) do
    if not row.type:find "^link<" and not row.type:find "^child<" and not ASKED[row.name] then
      out[row.name] = execute("qom-get", { path = path, property = row.name })
    end
  end
  return out
end

-- Places on the board's own bus, by id.
local function places(found)
  local out = {}
  for _, one in ipairs(found.devices) do
    if one.id and not one.bus then
      out[one.id] = { slot = one.slot, ["function"] = one["function"] }
    end
  end
  return out
end

-- Starts a plan and looks: { found, cpu, places, ids = by key } | nil, problems
local function begin(plan, machine, host, about)
  lock.placed_first(plan.argv)
  local seen, why = {}, nil
  local problems, _, ids = trial(plan, machine, host, function(execute)
    seen.found, why = hardware.ask(execute, { cpu = lock.asked(plan.argv), arch = about.arch,
                                              accel = about.accel })
    if seen.found then seen.cpu, why = of_cpu(execute) end
  end)
  if #problems > 0 then return nil, problems end
  if not seen.cpu then return nil, { { at = machine.at, why = "QEMU: " .. tostring(why) } } end
  seen.places, seen.ids = places(seen.found), ids
  return seen
end

local function devices(seen, keys)
  local out = {}
  for _, key in pairs(keys) do out[key] = seen.places[seen.ids[key] or key] or {} end
  return out
end

-- A key of two tables with values that differ | nil
local function differs(one, other)
  local names = {}
  for name in pairs(one) do names[name] = true end
  for name in pairs(other) do names[name] = true end
  for _, name in ipairs(sorted(names)) do
    if core.json.encode { one[name] } ~= core.json.encode { other[name] } then return name end
  end
end

-- Why what a lock makes is not what it was made of | nil
local function unlike(keys, before, after)
  if before.found.type ~= after.found.type then return "the machine is a " .. after.found.type end
  local name = differs(before.cpu, after.cpu)
  if name then return ("the CPU's %s is another"):format(name) end
  name = differs(devices(before, keys), devices(after, keys))
  return name and name .. " is at another place"
end

-- Of a plan that is not pinned: the keys of its devices, in order; its entries know them from then
-- on.
local function keys_of(plan)
  local keys = {}
  for i, each in ipairs(lock.devices(plan.argv)) do keys[i] = each.key end
  return keys
end

local function of(seen, keys, about, old)
  local cpus = {}
  for name, cpu in pairs(old and old.cpus or {}) do cpus[name] = cpu end
  local cpu = seen.found.cpu
  cpus[about.accel] = { asked = about.asked, model = cpu.model, properties = cpu.properties }
  return { qemu = seen.found.qemu, arch = about.arch, cpus = cpus, devices = devices(seen, keys),
           board = { asked = about.type, type = seen.found.type }, loose = cpu.loose }
end

-- Makes a lock: it, with `loose` = why the CPU cannot be pinned | nil, problems. fresh() -> plan,
-- machine, each time anew | nil, problems. `old`: a lock of which all is kept that still fits.
function make.lock(fresh, host, old)
  local plan, machine = fresh()
  if not plan then return nil, machine end
  local asked, board = lock.asked(plan.argv)
  local accel = lock.accelerator(plan)
  local about = { asked = asked, type = board, arch = plan.arch, accel = accel }
  local keys = keys_of(plan)
  if old then lock.pin(plan, old) end
  local before, problems = begin(plan, machine, host, about)
  if not before then return nil, problems end
  local one = of(before, keys, about, old)
  plan = fresh()
  keys_of(plan)
  lock.pin(plan, one)
  local after
  after, problems = begin(plan, machine, host, about)
  if not after then return nil, problems end
  local why = unlike(keys, before, after)
  if not why then return one end
  return nil, { { at = machine.at, why = "what is pinned comes out otherwise: " .. why } }
end

return make
