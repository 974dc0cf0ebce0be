-- SPDX-License-Identifier: MIT
-- Starts a machine that lives on its own: a supervisor is started first, so that it is there when
-- the recipe has been checked and planned here; then it is handed the snapshot, and says how it
-- goes until the machine is ready. Whatever happens before that, nothing stays behind.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local environment = require "lunik.process.environment"
local exit = require "lunik.exit"
local fcntl = require "posix.fcntl"
local link = require "lunik.supervisor.link"
local mode = require "lunik.system.mode"
local program = require "lunik.program"
local snapshot = require "lunik.recipe.snapshot"
local wait = require "lunik.async.wait"

local up = {}
up.__index = up

local LINK = 3
local PATIENCE = 10

-- lunik itself ends before its children do; another program may not, and would have to wait. Hooks
-- run programs in the surroundings that their author would expect of a shell.
local function spawn(theirs, arguments)
  if not program.is_own() then arguments[#arguments + 1] = "--leave" end
  local argv, why = program.argv("supervise", table.unpack(arguments))
  if not argv then return nil, why end
  -- another program's 2 may be closed
  local fds = { [LINK] = theirs:fd(), [2] = fcntl.fcntl(2, fcntl.F_GETFD) and 2 or nil }
  return core.proc.spawn { argv = argv, env = environment(), cwd = "/", umask = mode.others,
                           session = true, fds = fds, seconds = PATIENCE }
end

-- A supervisor that waits for its snapshot | nil, why. One of several comes from their `source`.
function up.begin(loop, arguments, source)
  local ours, theirs = core.chan.pair()
  if not ours then return nil, theirs end
  local proc, why
  if source then
    proc, why = source.chan:send("+", PATIENCE, { theirs:fd() })
  else
    proc, why = spawn(theirs, arguments or {})
  end
  theirs:close()
  if proc then
    return setmetatable({ loop = loop, link = link.new(loop, ours),
                          proc = not source and proc or nil }, up)
  end
  ours:close()
  return nil, why
end

-- Where several supervisors come from, each for a fraction of what one alone takes: to be closed
-- when all have begun | nil, why
function up.source()
  local ours, theirs = core.chan.pair()
  if not ours then return nil, theirs end
  local proc, why = spawn(theirs, { "--several" })
  theirs:close()
  if not proc then
    ours:close()
    return nil, why
  end
  return setmetatable({ chan = ours, proc = proc }, { __close = function()
    ours:close()
    proc:close()
  end })
end

-- The snapshot of a machine that is to live on its own, with what `apply` and `save` need of its
-- recipe | nil, why. `set` is what --set said.
function up.snapshot(plan, machine, set)
  local kept, why = snapshot.take(plan, machine, set)
  if kept then kept.outline = require "lunik.change.outline".of(machine) end
  return kept, why
end

-- Hands over the plan: true | nil, why. options: set; memory, in which a clone stands
function up:carry(plan, machine, options)
  local kept, why = up.snapshot(plan, machine, options.set)
  if not kept then return nil, why end
  self.plan, self.kept, self.memory = kept.plan, kept, options.memory
  function self.where(lines, cause)
    return require "lunik.launch.blame"(kept.plan.live, plan:places(), lines, cause)
  end
  return self.link:hand(kept)
end

-- A supervisor that was killed while it started a machine: what it has left is ended here. One that
-- runs already runs on, but for a clone: that may be the machine that was saved still.
local function bury(self)
  local why = "the supervisor ended unexpectedly"
  if not self.plan then return nil, why, exit.start end
  local saved = self.plan.saved
  local ok, problem = true, nil
  if saved and saved.fork then
    ok, problem = require "lunik.process.orphans".finish(self.loop, self.id)
  end
  if ok then ok, problem = require "lunik.launch".clean(self.plan, self.loop) end
  return nil, ok and why .. "; what it had started is undone" or ("%s; %s"):format(why, problem),
         exit.start
end

local function outcome(said)
  if said.kind == "up" then return said.status end
  local lines = said.lines or {}
  if said.kind == "late" then return nil, said.text, said.code, said.status, lines end
  local why = table.concat({ said.text, table.unpack(lines) }, "\n  ")
  return nil, why, said.code, nil, said.ended and {} or nil
end

-- Hears of progress until the machine is ready: its status | nil, why, exit code; and status and
-- the console's last lines of one that was not ready in time, and runs on. `steps` is what its
-- supervisor has done (lunik.async.timeline).
function up:await(tell)
  while true do
    local said = self.link:hear()
    if not said then return bury(self) end
    if said.kind == "up" or said.kind == "late" or said.kind == "failed" then
      self.steps = said.steps
      return outcome(said)
    end
    if said.kind == "where" then
      self.link:answer(self.where(said.lines, said.text))
    elseif said.kind == "memory" then
      self.link:lend(self.memory and self.memory:fds())
    elseif said.kind == "id" then
      self.id = said.text
    elseif tell then
      tell(said.kind, said.text)
    end
  end
end

-- The whole way, in a task of `loop`: the machine's name | nil, problems. make() gives plan and
-- machine | nil, problems. options: set, tell(kind, text); held, which lets it go later; source,
-- that of several; begun, a list, which gets what can be stopped
function up.run(loop, options, make)
  local self, why = up.begin(loop, nil, options.source)
  if not self then return nil, { { why = why } } end
  if options.begun then table.insert(options.begun, self) end
  local _ <close> = defer(function()
    if options.held then options.held:add(self) else self:close() end
  end)
  local plan, machine = make()
  if not plan then return nil, machine end
  local ok
  ok, why = self:carry(plan, machine, options)
  if ok then ok, why = self:await(options.tell) end
  if not ok then return nil, { { why = why } } end
  return plan.name
end

-- Takes the wish back: the machine is undone. Said again, more urgently.
function up:stop()
  return self.link.chan and self.link:stop()
end

function up:close()
  self.link:close()
  if not self.proc then return end
  if not program.is_own() then wait.exit(self.loop, self.proc, 1) end
  self.proc:close()
end

return up
