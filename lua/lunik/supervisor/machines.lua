-- SPDX-License-Identifier: MIT
-- The machines of this user: found by name, or by the recipe they were started from; those that
-- run, those that run without a supervisor, and what is known of those that have ended.
local elsewhere = require "lunik.store.elsewhere"
local host = require "lunik.host"
local look = require "lunik.supervisor.look"
local places = require "lunik.supervisor.places"
local printable = require "lunik.text.printable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local suggest = require "lunik.text.suggest"

local machines = {}

local function names_in(folder)
  local names = {}
  for _, name in ipairs(host.list(folder)) do
    if name:find "^%w[%w._-]*$" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

machines.runtime, machines.state = places.runtime, places.state
machines.state_lock = places.state_lock

-- Removes where a machine was said to run, unless somebody has its lock: whether so.
function machines.bury(name) return elsewhere.bury(places.state(name)) end

-- The state of a machine: lunik.supervisor.look has the words.
machines.look = look.at

local ENDED = shape.object({ kind = shape.shown, text = shape.shown },
  { code = shape.integer, status = shape.integer, signal = shape.integer, at = shape.integer,
    saved = shape.text, lines = shape.list(shape.shown) })

local VARIABLE = shape.object({ name = shape.text, set = shape.boolean }, {})

local REMEMBERED = { recipe = shape.text, set = shape.map(shape.scalar), began = shape.integer,
                     variables = shape.list(VARIABLE), ended = ENDED, clone_of = shape.shown }

-- What is remembered of a machine: { recipe, set, began, variables, ended, clone_of } | nil, in
-- which each of the variables of the environment that its recipe took is { name, set }
function machines.remembered(name)
  local found = records.object(machines.state(name) .. "/machine.json")
  return found and shape.read(REMEMBERED, found) or nil
end

local function is_saved(path)
  return host.kind(path .. "/machine.json") and not host.kind(path .. "/used")
end

-- The folder in which a machine is saved, from which it has not gone on since: the one that its end
-- tells of, or its own | nil
function machines.saved(name, before)
  local told, own = before and before.ended and before.ended.saved,
                    machines.state(name) .. "/saved"
  return told and is_saved(told) and told or is_saved(own) and own or nil
end

-- Why a machine is not started anew by its name | nil: of a clone there is the recipe of what it
-- was cloned from, which would have that one's own disks.
function machines.not_again(name, before)
  local of = before.recipe and before.clone_of
  if not of then return nil end
  return ("machine '%s' is a clone of '%s', which cannot be started anew: lunik fork makes "
    .. "another; lunik up --set name=%s %s starts a machine of its recipe, with the disks that the "
    .. "recipe names"):format(name, of, name, printable(before.recipe))
end

-- What --set said when it was started: a list of FIELD=VALUE.
function machines.settings(before)
  local list = {}
  for field, value in pairs(before.set or {}) do
    list[#list + 1] = field .. "=" .. tostring(value)
  end
  table.sort(list)
  return list
end

-- The names in the runtime directory, and those of the state directory that `pass`.
local function names(pass)
  local list, seen = names_in(host.runtime), {}
  for _, name in ipairs(list) do seen[name] = true end
  for _, name in ipairs(names_in(host.state)) do
    if not seen[name] and pass(name) then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

-- The names of all that have a runtime directory, here or elsewhere.
function machines.present() return names(places.pointer) end

-- And of all that are remembered.
function machines.known()
  return names(function(name) return places.pointer(name) or machines.remembered(name) end)
end

local function is_path(text)
  return text:find("/", 1, true) or text:find "%.lua$" or text == "." or text == ".."
end

local function of_recipe(path)
  path = path or "vm.lua"
  if host.kind(path) == "directory" then path = path .. "/vm.lua" end
  local real = host.real(path)
  for _, name in ipairs(machines.known()) do
    local found = machines.remembered(name)
    if found and found.recipe and host.real(found.recipe) == real then return name end
  end
  return nil, ("no machine was started from %s"):format(path)
end

local RUNS_NOT = { down = true, gone = true }

-- Whether it runs, with a supervisor or without.
local function runs(name, within)
  local how, _, vm = machines.look(name, within)
  if vm then vm:close() end
  return not RUNS_NOT[how]
end

-- Whether it was started from a recipe in the folder `dir`.
local function is_from(name, dir)
  local found = machines.remembered(name)
  local real = found and found.recipe and host.real(found.recipe)
  return real and real:match "^(.*)/[^/]*$" == dir
end

-- All that run, and those of them that were started from recipes in the folder here.
local function running(within)
  local all, here, dir = {}, {}, host.real "."
  for _, name in ipairs(machines.present()) do
    if runs(name, within) then
      all[#all + 1] = name
      if is_from(name, dir) then here[#here + 1] = name end
    end
  end
  return all, here
end

-- The machine that is meant where none is said: that of ./vm.lua; before it, where it has ended,
-- the only one that runs of the recipes here; and where it never was, the only one that runs.
local function unsaid(within)
  local own, why = of_recipe()
  if own and runs(own, within) then return own end
  local all, here = running(within)
  if #here == 1 then return here[1] end
  if own then return own end
  if #all == 1 then return all[1] end
  if #all == 0 then return nil, why .. ", and none runs" end
  return nil, ("%s: say which is meant of those that run: %s"):format(why,
    table.concat(all, ", "))
end

-- The name that an argument means: a name, the path of a recipe, or nothing, where it is clear
-- which one is meant. nil, why where there is none. `within` is the caller's loop.
function machines.name(argument, within)
  if argument == nil then return unsaid(within) end
  if is_path(argument) then return of_recipe(argument) end
  local known = machines.known()
  for _, name in ipairs(known) do
    if name == argument then return name end
  end
  return nil, ("no machine '%s'%s"):format(argument, suggest.hint_or_all(argument, known, 8))
end

-- The same of one that is only to be forgotten, of which next to nothing may be known.
function machines.trace(argument)
  local name, why = machines.name(argument)
  if name then return name end
  if not is_path(argument) and argument:find "^%w[%w._-]*$"
     and host.kind(places.state(argument)) == "directory" then
    return argument
  end
  return nil, why
end

-- What to do about a machine that cannot be spoken to.
local ADVICE = {
  starting = "machine '%s' is still starting",
  stuck = "machine '%s' has a supervisor that does not answer: lunik down --force %s ends both",
  busy = "machine '%s' has as many clients as its control socket takes: close one; "
    .. "lunik down %s works all the same",
  foreground = "machine '%s' runs in the foreground of another terminal (lunik run)",
  unsupervised = "machine '%s' has no supervisor: lunik adopt %s",
  damaged = "machine '%s' has no supervisor, and what was written down about it cannot be read: "
    .. "lunik down --force %s ends it",
  lost = "machine '%s' runs, but its runtime directory is gone: lunik down %s ends it",
  elsewhere = "machine '%s' runs on HOST: only there can anything be done about it",
  gone = "machine '%s' has ended unseen: lunik up starts it again",
  down = "machine '%s' is not running",
}

-- `record` is what look has told beside the state.
function machines.advice(name, how, record)
  local where = record and record.hostname or "another host"
  return (ADVICE[how]:gsub("%%s", (name:gsub("%%", "%%%%")))
                     :gsub("HOST", (printable(where):gsub("%%", "%%%%"))))
end

-- The handle of a running machine by name or recipe | nil, why, and its state
function machines.attach(argument, within)
  local name, why = machines.name(argument, within)
  if not name then return nil, why end
  local how, record, vm = machines.look(name, within)
  if vm then return vm end
  return nil, machines.advice(name, how, record), how
end

return machines
