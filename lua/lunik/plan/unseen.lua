-- SPDX-License-Identifier: MIT
-- What a guest says or draws that nobody will see: right for some machines, and a riddle to whoever
-- did not mean it. A function of the plan; of options that lunik does not know it says nothing.
local unseen = {}

unseen.CONSOLE = "console {} in the recipe gives it one"
unseen.SCREEN = 'qemu.device { "VGA" } in the recipe gives it one'

-- Backends that show nothing to anybody, and those that write to QEMU's own output.
local NOWHERE = { null = true, none = true, vc = true }
local LOGGED = { stdio = true, ["mon:stdio"] = true }

-- Devices by parts of their names. A controller of ports is none of them.
local LINES = { "serial", "virtconsole", "sclp%w*console", "spapr%-vty", "debugcon" }
local CARDS = { "vga", "gpu", "qxl", "ramfb", "display", "sm501", "tcx", "cgthree", "vfio" }

-- Boards that have no screen of their own.
local BARE = { "^q35$", "^pc$", "^pc%-", "^microvm", "^virt$", "^virt%-" }

local function matches(text, patterns)
  for _, each in ipairs(patterns) do
    if text:find(each) then return true end
  end
  return false
end

local function driver(entry)
  local name = entry.args[1] or entry.args.driver
  return type(name) == "string" and name:lower() or ""
end

-- The options by name, a list of entries each | nil where some are not known to lunik
local function by_name(plan)
  local found = setmetatable({}, { __index = function() return {} end })
  for _, entry in ipairs(plan.argv) do
    if type(entry) == "string" or not entry.row then return nil end
    local name = entry.row.name
    if not rawget(found, name) then found[name] = {} end
    table.insert(found[name], entry)
  end
  if rawget(found, "readconfig") then return nil end
  return found
end

local function has_device(options, patterns)
  for _, entry in ipairs(options.device) do
    local name = driver(entry)
    if not name:find "^virtio%-serial" and matches(name, patterns) then return true end
  end
  return false
end

local function has_card(plan, options)
  if not plan.board or not matches(plan.board, BARE) or has_device(options, CARDS) then
    return true
  end
  local given = options.vga[#options.vga]
  if given then return given.args[1] ~= "none" end
  return #options.nodefaults == 0
end

-- What shows the screen, as the recipe has it | nil
local function viewer(options)
  for _, name in ipairs { "vnc", "spice", "sdl", "curses" } do
    if #options[name] > 0 then return "qemu." .. name end
  end
  local last = options.display[#options.display]
  local kind = last and (last.args[1] or last.args.vnc and "vnc")
  return type(kind) == "string" and kind ~= "none" and ('display = "%s"'):format(kind) or nil
end

-- Where the serial lines go: "somewhere", "log", "nowhere"
local function lines(options)
  if #options.debugcon > 0 or has_device(options, LINES) then return "somewhere" end
  local where = #options.nographic > 0 and #options.serial == 0 and "log" or "nowhere"
  for _, entry in ipairs(options.serial) do
    local to = entry.args[1]
    if LOGGED[to] then
      where = "log"
    elseif not NOWHERE[to] then
      return "somewhere"
    end
  end
  return where
end

local CONSOLE = { nowhere = "what the guest says goes nowhere: it has no console; ",
                  log = "what the guest says goes to QEMU's log: it has no console; " }

-- What whoever starts the machine is to be told: a list of texts.
function unseen.told(plan)
  local options, told = by_name(plan), {}
  if not options then return told end
  local card, by = has_card(plan, options), viewer(options)
  local console = not plan.console and not (card and by) and CONSOLE[lines(options)]
  if console then told[#told + 1] = console .. unseen.CONSOLE end
  if by and not card then
    told[#told + 1] = ("%s shows nothing of the guest: it has no graphics card; %s"):format(by,
      unseen.SCREEN)
  end
  return told
end

return unseen
