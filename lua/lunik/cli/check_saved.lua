-- SPDX-License-Identifier: MIT
-- `lunik check FILE` of a saved machine: whether it is whole, and whether it could be restored here
-- as its recipe reads now. Nothing is started.
local core = require "lunik.core"
local exit = require "lunik.exit"
local layout = require "lunik.saved.layout"
local printable = require "lunik.text.printable"

local check_saved = {}

-- What is summed up in any case; the rest is read by --verify.
local ALWAYS = { "state" }

-- Whether a path is that of a saved machine, and of no recipe.
function check_saved.is(path)
  local host = require "lunik.host"
  return host.kind(path) == "directory" and host.kind(path .. "/" .. layout.RECORD) ~= nil
         and host.kind(path .. "/vm.lua") == nil
end

local function damage(saved, all)
  local names = {}
  for _, name in ipairs(ALWAYS) do names[#names + 1] = saved.machine.files[name] and name or nil end
  local list = {}
  for i, why in ipairs(saved:verify(nil, not all and names or nil)) do
    list[i] = { code = "damaged", why = why }
  end
  return list
end

-- The recipe as it reads now, under the name with which the machine was saved, as
-- lunik.saved.compare wants it.
local function now(saved, file, lunik)
  local recipe = saved.machine.recipe
  local set = require "lunik.saved.shadow".settings(recipe.set)
  set.name = saved.machine.name
  file = require "lunik.supervisor.restore".recipe(file) or recipe.file
  local machine, problems = lunik.load(file, { set = set, limit_memory = true,
    saved = { dir = saved.path } })       -- its disks are its own
  return require "lunik.saved.now".of(machine, problems and lunik.text(problems), file)
end

-- What is wrong with a saved machine, and what is only told: { code, why, told }.
local function examine(saved, args, lunik)
  local list = damage(saved, args.verify)
  local found = require "lunik.saved.compare"(saved.machine, now(saved, args.recipe_file, lunik))
  table.move(found, 1, #found, #list + 1, list)
  if args.verify then
    found = require "lunik.saved.images"(saved.machine)
    table.move(found, 1, #found, #list + 1, list)
  end
  if saved.used then
    list[#list + 1] = { code = "used", told = true, why = "it has been restored already"
      .. (saved.used.into and ", into " .. saved.used.into or "") .. ": its disks have moved on" }
  end
  local foreign = require "lunik.cli.show".foreign(saved)
  if foreign then list[#list + 1] = { code = "foreign", told = true, why = foreign } end
  return list
end

local function json(path, list, refused)
  local problems = core.json.array {}
  for i, one in ipairs(list) do
    local why = printable(one.why)
    problems[i] = { file = printable(path), why = why, message = why, code = one.code, host = true,
                    severity = one.told and "warning" or "error" }
  end
  return core.json.encode { lunik = 1, ok = #refused == 0, problems = problems }
end

function check_saved.run(args, out, err)
  local saved, why = require "lunik.cli.show".open(args.source[1])
  if not saved then return nil, printable(why) end
  local list, refused = examine(saved, args, require "lunik"), {}
  for _, one in ipairs(list) do
    if not one.told or args.strict then refused[#refused + 1] = printable(one.why, "\n") end
  end
  if args.json then
    out:write(json(saved.path, list, refused), "\n")
    return #refused == 0 and exit.ok or exit.problems
  end
  for _, one in ipairs(not args.strict and list or {}) do
    if one.told then err:write("lunik check: warning: ", printable(one.why, "\n"), "\n") end
  end
  if #refused > 0 then return nil, table.concat(refused, "\n") end
  out:write(("%s: %s can be restored here%s\n"):format(printable(args.source[1]),
    printable(saved.machine.name), args.verify and "; all of it is as it was saved" or ""))
  return exit.ok
end

return check_saved
