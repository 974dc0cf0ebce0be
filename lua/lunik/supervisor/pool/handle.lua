-- SPDX-License-Identifier: MIT
-- A pool, for a program: what `lunik.pool` returns. It holds nothing open: each method asks the
-- pool's process.
local kind = require "lunik.schema.kind"
local pool = require "lunik.supervisor.pool"
local restore = require "lunik.supervisor.restore"
local unknown = require "lunik.schema.options"
local within = require "lunik.async.within"

local handle = {}
handle.__index = handle
handle.__name = "lunik.pool"

local function problems(why) return nil, { { why = why } } end

local OPTIONS = {}
for _, name in ipairs { "from", "name", "warm", "max", "budget", "forward", "mounts", "memory",
                        "recipe", "host_keys", "unsafe", "loop", "tell" } do
  OPTIONS[name] = true
end
local CLAIM = { wait = true, keep = true }

-- Misuse raises, at the line of whoever called.
local function check(options, known)
  local why = unknown(options, known)
  if why then error(why, 3) end
end

-- What a table of a program's asks for | nil, why
local function asked(options)
  local from = options.from
  if type(from) ~= "string" then
    return nil, "from: the folder of a saved machine expected, got " .. kind.show(from)
  end
  if options.mounts ~= nil and type(options.mounts) ~= "table" then
    return nil, "mounts: a list expected, got " .. kind.show(options.mounts)
  end
  local budget = options.budget
  if budget ~= nil and not (math.type(budget) == "integer" and budget > 0) then
    local why
    budget, why = kind.size.read(budget)
    if not budget then return nil, "budget: " .. why end
  end
  return pool.asked { path = restore.place(from), name = options.name, warm = options.warm,
    most = options.max, budget = budget, forward = options.forward, mounts = options.mounts,
    memory = options.memory, host_keys = options.host_keys, unsafe = options.unsafe,
    recipe = restore.recipe(options.recipe) }
end

-- The pool of a name, which is there, or one that is started as a table says: a handle
-- | nil, problems
function handle.open(what)
  local options, found, why = {}, nil, nil
  if type(what) == "table" then
    options = what
    check(options, OPTIONS)
    found, why = asked(what)
    if found then found, why = within(options.loop, pool.start, found, options.tell) end
  elseif type(what) == "string" then
    found, why = within(nil, pool.look, what)
  else
    error(("a pool's name or a table expected, got %s"):format(type(what)), 2)
  end
  if found and found.gone then return problems(pool.gone(what)) end
  if not found then return problems(why) end
  return setmetatable({ name = found.name, loop = options.loop }, handle)
end

-- Takes a clone that stands ready, or waits for one: its handle, which throws it away when it is
-- closed, or dropped, or the program ends | nil, problems, code
function handle:claim(options)
  options = options or {}
  check(options, CLAIM)
  local vm, why, code = within(self.loop, pool.claim, self.name, options)
  if vm and options.keep then
    local ok
    ok, why = pool.keep(vm)
    vm = ok and vm
  end
  if vm then return vm.handle end
  return nil, { { why = why } }, code
end

-- What it is: as `lunik pools --json` has it | nil, problems
function handle:status()
  local found, why = within(self.loop, pool.look, self.name)
  if found then return found end
  return problems(why)
end

-- Ends it, and the clones that nobody has claimed: the names of the others | nil, problems
function handle:stop()
  local left, why = within(self.loop, pool.stop, self.name)
  if left then return left end
  return problems(why)
end

return handle
