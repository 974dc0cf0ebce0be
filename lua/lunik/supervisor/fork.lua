-- SPDX-License-Identifier: MIT
-- What clones of a saved machine are started by: its recipe, read anew, what is in its folder, and
-- for each a name and what it alone has.
local held = require "lunik.supervisor.held"
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local machines = require "lunik.supervisor.machines"
local restore = require "lunik.supervisor.restore"
local source = require "lunik.supervisor.source"
local template = require "lunik.supervisor.template"
local together_up = require "lunik.supervisor.together"
local up = require "lunik.supervisor.up"

local fork = {}

local SHARES = { mount = true, hotplug = true, balloon = true }    -- families
local clones = {}          -- what fork.open returns
clones.__index = clones
local PATIENCE = 30        -- seconds for one that is taken back to end
local MOST = 1000          -- clones of one call; names that are tried
local NO_PRIVATE, MOUNTED = "no private memory: ", "the daemon of a mount writes to the guest's own"

-- Lets go of the memory that they stand in, once they have it.
function clones:close()
  if self.memory then self.memory:close() end
  self.memory = nil
end
clones.__close = clones.close

-- A text with a clone's number in the place of {n} or %d.
local function numbered(text, number)
  return (text:gsub("{n}", number):gsub("%%d", number))
end

local function has_number(text) return text:find("{n}", 1, true) or text:find("%d", 1, true) end

-- Whether a clone may be called so: nobody runs under that name, and what is remembered of one that
-- did is of the same recipe, with nothing put away.
local function is_free(name, recipe)
  local how, _, vm = machines.look(name)
  if vm then vm:close() end
  if how ~= "down" and how ~= "gone" then return false end
  local before = machines.remembered(name)
  return not before or before.recipe == recipe and not machines.saved(name, before)
end

local function no_pattern(count)
  if math.type(count) ~= "integer" or count < 1 or count > MOST then
    return ("a number of clones from 1 to %d expected, got %s"):format(MOST, kind.show(count))
  end
end

-- What is wrong with what is asked for, whatever it is that clones are to be of | nil
function fork.wrong(asked)
  local count = asked.n or 1
  local why = no_pattern(count)
  if why or not asked.as then return why end
  local ok
  ok, why = kind.name.read(numbered(asked.as, 1), {})
  if not ok then return why end
  if count > 1 and not has_number(asked.as) then
    return ("the name of several clones needs {n}, where their number is to be: %s-{n}"):format(
      asked.as)
  end
end

-- The names of so many clones: a list of { name, number }, with numbers that are free | nil, why.
-- pattern: with {n} or %d where the number is to be; default: the name of what was saved, and it.
local function names_of(one, count, pattern)
  pattern = pattern or one.machine.name .. "-{n}"
  if not has_number(pattern) then return { { name = pattern, number = 1 } } end
  local list, number = {}, 0
  while #list < count do
    number = number + 1
    local name = numbered(pattern, number)
    local ok, why = kind.name.read(name, {})
    if not ok then return nil, why end
    if number > MOST then return nil, ("no %d names like %s are free"):format(count, pattern) end
    if is_free(name, one.recipe) then list[#list + 1] = { name = name, number = number } end
  end
  return list
end

-- A mount of a command line, DIRECTORY[:PLACE][:ro]: its fields.
function fork.mount(text)
  local rest, readonly = text:gsub(":ro$", "")
  local from, to = rest:match "^(.+):(/.*)$"
  return { from = from or rest, to = to, readonly = readonly > 0 or nil }
end

-- The mounts of one clone, whose paths begin at `dir`: a list of fields | nil, why
local function mounts_of(list, number, dir)
  local out = {}
  for i, asked in ipairs(list) do
    local fields = {}
    if type(asked) ~= "table" then return nil, "mounts: a list of { from = … } expected" end
    for name, value in pairs(asked) do
      fields[name] = type(value) == "string" and numbered(value, number) or value
    end
    local from = type(fields.from) == "string" and kind.absolute(fields.from,
                                                                 { host = host, dir = dir })
    if not from then return nil, "mount.from: a directory of the host expected" end
    if host.kind(from) ~= "directory" then return nil, ("mount: %s: no such directory"):format(from)
    end
    fields.from, fields.to = from, fields.to or "/mnt/" .. (from:match "[^/]+$" or "root")
    out[i] = fields
  end
  return out
end

-- What one clone is started by | nil, why
local function clone(one, about, mounts, dir)
  if type(mounts) == "function" then mounts = mounts(about.number, about.name) end
  local list, why = mounts_of(mounts or {}, about.number, dir or host.real ".")
  if not list then return nil, ("%s: %s"):format(about.name, why) end
  local set, saved, own = {}, {}, {}
  for name, value in pairs(one.set) do set[name] = value end
  for name, value in pairs(one.saved) do saved[name] = value end
  for name, value in pairs(one.saved.fork) do own[name] = value end
  set.name, own.number, own.mounts, saved.fork = about.name, about.number, list, own
  return { name = about.name, recipe = one.recipe, set = set, saved = saved }
end

-- Whether something can be mounted in a clone, or its guest gives back memory.
local function shares(one)
  for _, mount in ipairs(one.saved.mounts) do
    if mount.served then return true end
  end
  for _, item in ipairs(one.machine.recipe.outline.items) do
    if SHARES[item.family] then return true end
  end
  return false
end

-- Whether all clones stand in one memory, as asked.memory says, or, where it says nothing, where
-- nothing can be mounted in them: a boolean | nil, why
local function is_private(one, asked)
  local cannot = template.cannot(one.saved)
  if not asked.memory then return not cannot and not asked.mounts and not shares(one) end
  if asked.memory == "copied" then return false end
  local mounted = asked.mounts
  for _, mount in ipairs(one.saved.mounts) do
    mounted = mounted or mount.served and not mount.boot
  end
  cannot = cannot or mounted and MOUNTED
  if not cannot then return true end
  return nil, NO_PRIVATE .. cannot
end

-- Why there can be no clones of a machine that runs, as far as its recipe tells: a text | nil.
-- before: what is remembered of it; asked: as fork.open has it; plan(about): its plan and machine,
-- or nil. What is wrong with the recipe itself is said where it is held against what was saved.
function fork.refusal(before, asked, plan)
  if asked.memory == "private" and asked.mounts then return NO_PRIVATE .. MOUNTED end
  local recipe = asked.recipe or before and before.recipe
  local made, machine
  if recipe then made, machine = plan { recipe = recipe, set = before and before.set or {} } end
  if not made then return nil end
  local problems = require "lunik.plan.fork".refusal(made, machine, { forward = asked.forward,
    private = asked.memory == "private", unsafe = asked.unsafe })
  return problems and require "lunik.schema.check".text_of(problems)
end

-- What clones of a machine that is saved at an absolute path are started by: a list of { name,
-- recipe, set, saved } | nil, why. asked: n, how many; as, a pattern for their names; forward
-- ("auto": ports of this host that the recipe says become free ones); mounts, a list of fields, or
-- mounts(number, name), which returns one; recipe, in place of its own; memory, "private": all
-- stand in what was saved, or "copied": each has a copy of its own; host_keys: the guest's sshd has
-- new ones; unsafe: a guest that cannot be asked stays what it was; set, what --set says beside
-- what it said of the saved machine; template: it is that of a recipe, by which a machine is
-- started; tell(kind, text, name), which hears of what takes a while; alone: nobody will be there
-- to hand memory over; leased: each belongs to whoever has the other end of its supervisor's link;
-- timeline (lunik.async.timeline), which hears of steps.
-- differs(one) says what keeps the saved machine from going on. The caller closes the list, once
-- they are up.
function fork.open(path, asked, differs)
  local wrong = fork.wrong(asked)
  if wrong then return nil, wrong end
  local function begin(step) if asked.timeline then asked.timeline:begin(step) end end
  begin "saved machine"
  local one, why = restore.open(path, { again = true, recipe = asked.recipe })
  if not one then return nil, why end
  local private, list
  private, why = is_private(one, asked)
  if private == nil then return nil, why end
  one.saved.fork = { of = one.machine.name, forward = asked.forward, private = private,
                     unsafe = asked.unsafe, host_keys = asked.host_keys or nil,
                     template = asked.template, leased = asked.leased }
  for name, value in pairs(asked.set or {}) do one.set[name] = value end
  list, why = names_of(one, asked.n or 1, asked.as)
  if not list then return nil, why end
  for i, about in ipairs(list) do
    list[i], why = clone(one, about, asked.mounts, asked.dir)
    if not list[i] then return nil, why end
  end
  begin "recipe"
  why = differs(one)
  if not why and not asked.alone then
    begin "template"
    list.memory, why = held(one.saved, private, asked.tell and function(text)
      asked.tell("template", text, one.machine.name)
    end)
  end
  for _, each in ipairs(list) do each.saved.fork.held = list.memory ~= nil end
  list.one, list.asked = one, asked
  return not why and setmetatable(list, clones) or nil, why
end

-- One more, as long as the list is open: as in the list, with its number | nil, why. pattern: its
-- name, with {n} where the number is to be, the first from `number` on that is free.
function fork.another(list, pattern, number)
  while not is_free(numbered(pattern, number), list.one.recipe) do number = number + 1 end
  local each, why = clone(list.one, { name = numbered(pattern, number), number = number },
                          list.asked.mounts, list.asked.dir)
  if each then each.number, each.saved.fork.held = number, list.memory ~= nil end
  return each, why
end

-- Ends the clones that are up, where another could not be had.
local function take_back(loop, list)
  for _, each in ipairs(list) do
    local vm = each.up and machines.attach(each.name, loop)
    if vm then
      vm.handle:stop("another clone could not be had", "quit")
      vm.handle:wait(PATIENCE)
      vm:close()
    end
  end
end

local wishes = {}          -- what fork.wish returns
wishes.__index = wishes

-- By which whoever wants clones may give them up while they are started: none is there then.
function fork.wish() return setmetatable({ begun = {} }, wishes) end

function wishes:stop(why)
  self.why = self.why or why
  for _, each in ipairs(self.begun) do each:stop() end
end

-- Starts clones in a task of `loop`, as many at once as there are CPUs: true, where all are up
-- | nil, problems, and none is. plan(clone) gives plan and machine | nil, problems; tell(kind,
-- text, name) hears of progress; wish: from fork.wish
function fork.start(loop, list, plan, tell, wish)
  local problems
  wish = wish or fork.wish()
  together_up(loop, list, { at_once = host.cpus, over = function()
    return problems or wish.why
  end }, function(each, from)
    local function say(what, text) if tell then tell(what, text, each.name) end end
    local name, wrong = up.run(loop, { set = each.set, tell = say, memory = list.memory,
      held = from.held, source = from.source, begun = wish.begun
    }, function() return plan(each) end)
    each.up, problems = name ~= nil, problems or wrong
  end)
  problems = problems or wish.why and { { why = wish.why } }
  if not problems then return true end
  take_back(loop, list)
  return nil, problems
end

-- All of it, from a word on (lunik.supervisor.source), in a task of `loop`: the list
-- | nil, problems. asked.tell, wish: as for start; to, force, make: as lunik.supervisor.source has
-- them
function fork.all(loop, word, asked, differs, plan)
  local why = fork.wrong(asked)
  if why then return nil, { { why = why } } end
  local from <close>, no_source = source.open(word, { to = asked.to, force = asked.force,
    refusal = function(before) return fork.refusal(before, asked, plan) end, loop = loop,
    make = asked.make })
  if not from then return nil, { { why = no_source } } end
  local list <close>, no_clones = fork.open(from.path, asked, differs)
  if not list then return nil, { { why = no_clones } } end
  local ok, problems = fork.start(loop, list, plan, asked.tell, asked.wish)
  return ok and list, problems
end

return fork
