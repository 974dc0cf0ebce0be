-- SPDX-License-Identifier: MIT
-- A serial port on the terminal of whoever started QEMU: lunik has a console for that, which is
-- there for everybody who asks, and which the guest's output is kept of.
local console = {}

local on_terminal = { stdio = true, ["mon:stdio"] = true }

-- Devices that are the machine's serial port, or replace it (softmmu/vl.c:default_list).
local ports = { ["isa-serial"] = true, ["spapr-vty"] = true, sclpconsole = true,
  sclplmconsole = true }

local function takes_place(found)
  local name = found.row and found.row.name
  return name == "serial" or name == "nodefaults" or name == "readconfig"
    or name == "device" and ports[(found.text or ""):match "^[^,]*"]
end

-- Whether the name that lunik's console has in QEMU is taken.
local function name_is_taken(items)
  for _, one in ipairs(items) do
    if one.row and one.row.name == "chardev" and one.args.id == "console" then return true end
  end
end

local function item(found, notes)
  return { console = true, words = found.words, found = { words = found.words }, notes = notes }
end

-- Puts a console in the place of -serial stdio, or beside -nographic where nothing else is the
-- serial port. Whether there was one.
function console.put(items, list)
  if name_is_taken(items) then return false end
  local given = false
  for _, found in ipairs(list) do given = given or takes_place(found) or false end
  for i, one in ipairs(items) do
    local name = one.row and one.row.name
    if name == "serial" and on_terminal[one.found.text] then
      items[i] = item(one.found, { one.found.text ~= "stdio"
        and "QEMU's monitor was on it too: lunik qmp has that" or nil })
      return true
    elseif name == "nographic" and not given then
      table.insert(items, i, item(one.found, { "its serial port and QEMU's monitor were on the "
        .. "terminal: lunik console and lunik qmp have them" }))
      return true
    end
  end
  return false
end

return console
