-- SPDX-License-Identifier: MIT
-- `lunik lock`: pins what a machine is made of, beside its recipe.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local diff = require "lunik.plan.lock.diff"
local exit = require "lunik.exit"
local file = require "lunik.plan.lock.file"
local printable = require "lunik.text.printable"

local lock = { name = "lock", summary = "pin the hardware that the guest sees, whatever QEMU runs "
  .. "it" }
lock.example = "lunik lock vm.lua"
lock.more = { "lunik lock vm.lua --diff", "lunik lock vm.lua --new --set cpu=max --json" }

function lock.args(command)
  arguments.recipe(command)
  command:flag("--diff", "say what the lock would be otherwise, pinned anew, and write nothing")
  command:flag("--new", "pin anew what is pinned already")
  command:flag("--json", "as JSON")
end

-- A line for what differs.
local function line(one)
  if not one.before then return ("+ %s: %s"):format(one.what, one.after) end
  if not one.after then return ("- %s: %s"):format(one.what, one.before) end
  return ("~ %s: %s -> %s"):format(one.what, one.before, one.after)
end

-- The lock that is there: it | nil | nil, problems
local function before(args, machine, host)
  local one, why = file.beside(machine.raw, host)
  if why and not args.new then return nil, printable(why) end
  return one
end

-- What is to be pinned: path, lock, the one before | nil, text
local function made(args, set, lunik)
  local host = require "lunik.host"
  local function fresh()
    return lunik.plan(args.recipe, { set = set, limit_memory = true, anyway = true, lock = false })
  end
  local plan, machine = fresh()
  if not plan then return nil, lunik.text(machine) end
  local old, why = before(args, machine, host)
  if why then return nil, why end
  local keep = not args.new and not args.diff
  local one, problems = require "lunik.launch.lock".lock(fresh, host, keep and old or nil)
  if not one then return nil, lunik.text(problems) end
  return file.path(machine.raw), one, old
end

local function changes_of(old, one)
  local list = core.json.array {}
  for i, each in ipairs(old and diff(old, one) or {}) do list[i] = each end
  return list
end

local function json(path, one, old, written)
  return core.json.encode { lunik = 1, path = printable(path), written = written,
    qemu = one.qemu, type = one.board.type, loose = one.loose, changes = changes_of(old, one) }
end

-- How many devices are pinned to a place.
local function placed(devices)
  local number = 0
  for _, each in pairs(devices) do number = number + (each.slot and 1 or 0) end
  return number
end

local function summary(path, one, old)
  local number = placed(one.devices)
  local lines = { ("%s: %s of QEMU %s, %d device%s at %s place%s"):format(path, one.board.type,
    one.qemu, number, number == 1 and "" or "s", number == 1 and "its" or "their",
    number == 1 and "" or "s") }
  for _, each in ipairs(changes_of(old, one)) do lines[#lines + 1] = "  " .. line(each) end
  if one.loose then lines[#lines + 1] = "  the CPU is as it is asked for: " .. one.loose end
  return lines
end

local function differences(path, one, old)
  if not old then return { path .. ": there is none; lunik lock makes it" } end
  local lines = {}
  for i, each in ipairs(changes_of(old, one)) do lines[i] = line(each) end
  return lines[1] and lines or { "nothing would be otherwise" }
end

-- Takes the place of the lock that is there in one piece; readable as the recipe is, since it goes
-- where that goes.
local function write(path, text)
  local part = path .. ".part"
  local out, why = io.open(part, "wb")
  if not out then return nil, why end
  local ok
  ok, why = out:write(text)
  if ok then ok, why = out:close() else out:close() end
  if ok then ok, why = os.rename(part, path) end
  if not ok then os.remove(part) end
  return ok, why
end

local function say(lines, out)
  for _, each in ipairs(lines) do out:write(printable(each), "\n") end
end

function lock.run(args, out)
  local lunik = require "lunik"
  local set, why = arguments.settings(args.set)
  if not set then return nil, why, exit.usage end
  local path, one, old = made(args, set, lunik)
  if not path then return nil, one end
  if not args.diff then
    local ok
    ok, why = write(path, file.encode(one))
    if not ok then return nil, printable(why) end
  end
  local shown = path:match "[^/]*$"
  if args.json then
    out:write(json(path, one, old, not args.diff), "\n")
  else
    say(args.diff and differences(shown, one, old) or summary(shown, one, old), out)
  end
  return exit.ok
end

return lock
