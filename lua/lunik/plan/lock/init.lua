-- SPDX-License-Identifier: MIT
-- vm.lock, which lies beside a recipe and says what its machine is made of, whatever an alias means
-- in the QEMU of the day: the machine's version, its CPU by accelerator, the places of its devices.
-- It is made by `lunik lock` (lunik.launch.lock), goes with the recipe from host to host, and is
-- read as if anybody had written it. Here it becomes part of a plan.
--
--   { path, qemu = version that it was made with, arch, board = { asked, type },
--     cpus = { [accelerator] = { asked, model, properties | nil } },
--     devices = { [key] = { slot, function } | {}: it has no place on the board's bus } }
--
-- The key of a device is its id; of one without, its driver and which of them it is: "edu#2".
local check = require "lunik.schema.check"
local data = require "lunik.plan.data"
local origin = require "lunik.plan.origin"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"

local lock = {}

local function driver_of(args) return tostring(args[1] or args.driver) end

local function is(entry, name)
  return type(entry) == "table" and entry.row and entry.row.name == name
end

-- The devices of a command line that have no place of their own: { entry, at = its index, key }.
-- Their entries know the key as `key` from then on.
function lock.devices(argv)
  local list, counts = {}, {}
  for i, entry in ipairs(argv) do
    local args = is(entry, "device") and entry.args
    local driver = args and driver_of(args)
    if args and not args.id then counts[driver] = (counts[driver] or 0) + 1 end
    if args and not args.bus and not args.addr then
      entry.key = args.id or ("%s#%d"):format(driver, counts[driver])
      list[#list + 1] = { entry = entry, at = i, key = entry.key }
    end
  end
  return list
end

-- The last option of that name with a first value: entry, its index, the value | nil
local function find(argv, name, key)
  for i = #argv, 1, -1 do
    local value = is(argv[i], name) and (argv[i].args[1] or key and argv[i].args[key])
    if value then return argv[i], i, tostring(value) end
  end
end

-- What a command line asks for: the argument of -cpu, the type of -machine, each nil without one.
function lock.asked(argv)
  local cpu = find(argv, "cpu")
  local _, _, board = find(argv, "machine", "type")
  local words = cpu and data.words(cpu)
  return words and words[2], board
end

-- Puts an option of other arguments in the place of another. `keys`: those that the lock brings.
local function replace(plan, at, args, keys)
  local before = plan.argv[at]
  local entry = assert(qemu.entry(before.row.name, args, before.props))
  entry.item, entry.field, entry.key = before.item, before.field, before.key
  plan.argv[at] = entry
  local origins, causes = plan.origins[plan.argv], {}
  for _, key in ipairs(keys) do causes[key] = origin.LOCK end
  origins[at] = setmetatable({ keys = causes }, { __index = origins[at] })
end

local function copied(args)
  local out = {}
  for key, value in pairs(args) do out[key] = value end
  return out
end

-- The argument of -cpu, as qemu.cpu has it. What this host cannot do is refused by QEMU itself.
local function cpu_args(cpu)
  local args = { cpu.model, enforce = true }
  for name, value in pairs(cpu.properties) do args[name] = value end
  return args
end

function lock.accelerator(plan)
  local _, _, name = find(plan.argv, "accel", "accel")
  return name or "tcg"
end

local function says(value) return value and "says " .. value or "says nothing of it" end

-- Why a lock does not fit what a command line asks for: a list of { about, why }; `about` is a
-- device's entry | nil.
local function misfits(plan, one)
  local list = {}
  local function add(why, ...) list[#list + 1] = { why = why:format(...) } end
  local asked, board = lock.asked(plan.argv)
  local accel = lock.accelerator(plan)
  local cpu = one.cpus[accel]
  if one.arch ~= plan.arch then
    add("it is of a machine of %s, and the recipe makes one of %s", one.arch, plan.arch)
  end
  if board ~= one.board.asked then
    add("it pins type %s, and the recipe %s", one.board.asked or "of no name", says(board))
  end
  if not cpu then
    add("it has no CPU for %s", accel)
  elseif cpu.asked ~= asked then
    add("it pins cpu %s, and the recipe %s", cpu.asked or "of no name", says(asked))
  end
  for _, each in ipairs(lock.devices(plan.argv)) do
    if not one.devices[each.key] then
      list[#list + 1] = { about = each.entry, why = "it has no place for " .. each.key }
    end
  end
  return list
end

local function pin_board(plan, one)
  local entry, at = find(plan.argv, "machine", "type")
  if not entry then return plan:add(qemu.machine { one.board.type }) end
  local args = copied(entry.args)
  args.type, args[1] = nil, one.board.type
  replace(plan, at, args, { "type" })
end

local function pin_cpu(plan, one)
  local cpu = one.cpus[lock.accelerator(plan)]
  if not cpu or not cpu.properties then return end
  local entry, at = find(plan.argv, "cpu")
  if not entry then return plan:add(qemu.cpu(cpu_args(cpu))) end
  local args = cpu_args(cpu)
  replace(plan, at, args, sorted(args))
end

local function pin_devices(plan, one)
  for _, each in ipairs(lock.devices(plan.argv)) do
    local place = one.devices[each.key]
    if place and place.slot then
      local args = copied(each.entry.args)
      args.addr = ("%#x"):format(place.slot)
      if (place["function"] or 0) > 0 then
        args.addr = ("%s.%#x"):format(args.addr, place["function"])
      end
      replace(plan, each.at, args, { "addr" })
    end
  end
end

-- Has a plan be what the lock says, as far as it fits.
function lock.pin(plan, one)
  local asked, board = lock.asked(plan.argv)
  local cpu = one.cpus[lock.accelerator(plan)]
  plan.origin = origin.LOCK
  if board == one.board.asked then pin_board(plan, one) end
  if cpu and cpu.asked == asked then pin_cpu(plan, one) end
  pin_devices(plan, one)
end

-- Has a plan be the hardware of a saved machine (lunik.saved.record), whatever its recipe calls it
-- and whatever that means here: the board's version, the CPU, the places of devices by their ids.
function lock.restore(plan, hardware)
  local devices = {}
  for _, each in ipairs(hardware.devices or {}) do
    if each.id and not each.bus then devices[each.id] = each end
  end
  local one = { board = { type = hardware.type }, devices = devices,
                cpus = { [lock.accelerator(plan)] = hardware.cpu } }
  plan.origin = origin.SAVED
  pin_board(plan, one)
  pin_cpu(plan, one)
  pin_devices(plan, one)
end

-- Has devices with a place come first, so that QEMU gives it to no other. QEMU makes devices after
-- all that they stand on, whatever stands where.
function lock.placed_first(argv)
  local placed, others = {}, {}
  for _, entry in ipairs(argv) do
    local first = is(entry, "device") and entry.args.addr and not entry.args.bus
    table.insert(first and placed or others, entry)
  end
  table.move(others, 1, #others, #placed + 1, placed)
  table.move(placed, 1, #placed, 1, argv)
end

-- Holds a finished plan against its lock, which it then obeys; what does not fit is a lack, by
-- which the machine does not start.
function lock.obey(plan, one, machine)
  local name = one.path:match "[^/]*$"
  for _, each in ipairs(misfits(plan, one)) do
    local item = each.about and each.about.item
    check.add(plan.lacks, item and item.at or machine.at, name, each.why
      .. ": lunik lock makes it fit, --diff shows what that changes", "line")
  end
  lock.pin(plan, one)
  plan:note(("its hardware is pinned by %s: %s"):format(name, one.board.type))
end

-- What pins a plan: the saved machine that it goes on from, or its lock.
function lock.apply(plan, machine)
  if plan.saved then return lock.restore(plan, plan.saved.hardware) end
  lock.obey(plan, machine.lock, machine)
end

return lock
