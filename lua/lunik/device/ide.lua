-- SPDX-License-Identifier: MIT
-- The IDE or SATA ports of a board, which disks and drives share: QEMU's ide-hd and ide-cd sit in
-- either, but a board has one of them at most.
local ide = {}

-- By the board's name: the word for its ports, how many there are, and how many on one bus.
local boards = {
  { "^q35$", "sata", 6, 1 }, { "^pc%-q35", "sata", 6, 1 },
  { "^pc$", "ide", 4, 2 }, { "^pc%-i440", "ide", 4, 2 }, { "^pc%-%d", "ide", 4, 2 },
  { "^isapc$", "ide", 4, 2 },
  { "^virt$" }, { "^virt%-" }, { "^microvm" }, { "^s390%-ccw" }, { "^pseries" },
}

local x86 = { x86_64 = true, i386 = true }

-- The board, or what QEMU takes where nobody says.
local function board_of(machine)
  return machine.type or x86[machine.arch] and "pc" or nil
end

-- What is known of the machine's board, as `boards` has it | nil: QEMU will say
local function row_of(machine)
  local name = board_of(machine)
  for _, row in ipairs(boards) do
    if name and name:find(row[1]) then return row end
  end
end

-- "sata", "ide", or nil where the board has neither, as far as is known.
function ide.of(machine)
  local row = row_of(machine)
  return row and row[2]
end

function ide.is(bus) return bus == "sata" or bus == "ide" end

-- Gives ports to what sits in them of the items up to and with `last`: how many are taken.
local function seated(machine, last, units)
  local count = 0
  for _, item in ipairs(machine.items) do
    for _, one in ipairs { item, item.installer } do
      if ide.is(one.bus) then
        one.seat = { bus = ("ide.%d"):format(count // units),
                     unit = units > 1 and count % units or nil }
        count = count + 1
      end
    end
    if item == last then break end
  end
  return count
end

-- Finds ports of the board for `item` (a disk, with its installer, or a drive), where its bus is
-- the board's: true | nil, field, why
function ide.join(item, machine)
  local row = row_of(machine)
  if not row or not ide.is(item.bus) and not (item.installer and ide.is(item.installer.bus)) then
    return true
  end
  if ide.is(item.bus) and item.bus ~= row[2] then
    return nil, "bus", ("the machine type '%s' has no %s ports; %s"):format(board_of(machine),
      item.bus, row[2] and ("it has %s: bus = \"%s\""):format(row[2], row[2])
      or "bus = \"scsi\" brings its own controller")
  end
  if seated(machine, item, row[4]) <= row[3] then return true end
  return nil, nil, ("the machine type '%s' has %d %s ports, and they are taken; bus = \"scsi\" "
    .. "brings its own controller"):format(board_of(machine), row[3], row[2])
end

-- The arguments of a device that say where it sits; none, and QEMU chooses.
function ide.seat(one) return one.seat or {} end

return ide
