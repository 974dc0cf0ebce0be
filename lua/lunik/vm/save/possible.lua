-- SPDX-License-Identifier: MIT
-- Whether a machine can be saved as it is now: every reason at once why not.
local families = require "lunik.device"
local forked = require "lunik.device.forked"
local host = require "lunik.host"
local life = require "lunik.hotplug.life"
local migration = require "lunik.vm.migration"
local mounts = require "lunik.vm.save.mounts"
local packed = require "lunik.saved.packed"
local ram = require "lunik.process.ram"

local possible = {}

-- Why what was plugged cannot be in a clone, of what the recipe does not tell | nil
local function alone(device)
  if not device.hot or not families.family(device.family) then return nil end
  return select(2, forked.word(families.row(device.family, device.kind)))
end

local function unforked(vm)
  local list = {}
  for _, device in ipairs(vm.hotplug.devices) do
    local why = alone(device)
    if why then list[#list + 1] = ("%s: it cannot be forked: %s"):format(device.label, why) end
  end
  return list
end

-- Why a machine cannot be saved as it is now: a list. `unknown`: its recipe is, and why | nil
local function unsaved(vm, unknown)
  local list = { unknown }
  for _, disk in ipairs(vm:images()) do
    if disk.top then
      list[#list + 1] = ("disk %s: what is written to it goes with the machine: it was restored "
        .. "by --again"):format(disk.id)
    end
  end
  for _, device in ipairs(vm.hotplug.devices) do
    if device.lent then
      list[#list + 1] = ("%s: a file is just being copied into the guest by it"):format(
        device.label)
    end
    local busy = life.busy(device)
    if not device.share and not life.is_dead(device) then
      if busy or device.state ~= "plugged" then
        list[#list + 1] = ("%s: is just being %s"):format(device.label, busy or "unplugged")
      elseif device.hot and not device.asked then
        list[#list + 1] = ("%s: it was plugged by a lunik that did not keep how"):format(
          device.label)
      end
    end
  end
  return list
end

-- What keeps the state from being written, but for mounts whose daemons are about to go.
local function blocked(vm, served)
  local list = {}
  for _, why in ipairs(migration.blocked(vm)) do
    if not (served and why:find("vhost-user-fs", 1, true)) then
      list[#list + 1] = (why:gsub("%.$", ""))
    end
  end
  return list
end

-- Why its memory cannot be compressed | nil
local function uncompressed(vm)
  if not next(ram.of(vm.qemu:pid())) then
    return 'its memory goes into one stream with its state, which is not compressed: memory = '
      .. '{ size = "1G", kept = true } keeps it apart'
  end
  return select(2, packed.possible(host))
end

-- Every reason at once: true | nil, why, code. asked: force, compress; fork: clones are to start
-- from it
function possible.check(vm, list, asked, unknown, fork)
  local served = false
  for _, mount in ipairs(list) do served = served or mount.served end
  local lines = unsaved(vm, unknown)
  if fork then table.move(unforked(vm), 1, 64, #lines + 1, lines) end
  if asked.compress then lines[#lines + 1] = uncompressed(vm) end
  table.move(blocked(vm, served), 1, 64, #lines + 1, lines)
  local code = lines[1] and "unsupported"
  local silent = #list > 0 and not asked.force and vm:why_silent()
  local why, word
  if silent then
    why, word = ("the mounts cannot be taken off: %s"):format(silent), "unreachable"
  elseif #list > 0 then
    why, word = mounts.refusal(vm, list, asked.force)
  end
  if why then lines[#lines + 1], code = why, code or word end
  if #lines == 0 then return true end
  return nil, table.concat(lines, "\n"), code
end

-- Whether QEMU would write the state now: true | nil, why, code
function possible.is_free(vm)
  local left = blocked(vm)
  if left[1] then return nil, table.concat(left, "\n"), "unsupported" end
  return true
end

return possible
