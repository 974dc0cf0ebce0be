-- SPDX-License-Identifier: MIT
-- The Lua half of the C API (src/embed/): a session, whose methods give a value, or nil and
-- problems.
-- What waits is begun as a task, and C pumps the loop until it is over, or a function of the
-- program's is due (lunik.embed.due).
-- What lies where the program happens to be called may be anybody's.
local function absolute(path)
  local kept = {}
  for template in path:gmatch "[^;]+" do
    if template:sub(1, 1) == "/" then kept[#kept + 1] = template end
  end
  return table.concat(kept, ";")
end

package.path, package.cpath = absolute(package.path), absolute(package.cpath)
if not package.searchpath("posix.unistd", package.cpath) then
  error(("luaposix for %s is not there: lunik needs it"):format(_VERSION), 0)
end

local async = require "lunik.async.loop"
local due = require "lunik.embed.due"
local functions = require "lunik.embed.functions"
local lunik = require "lunik"

local session = { define = functions.define, hook = functions.hook, policy = functions.policy,
                  hear = functions.hear }
session.__index = session

local ENDING = 10          -- seconds for machines to go whose program lets go of them

local function problem(why, code) return nil, { { why = why, code = code } } end

-- Problems, or the text of an error, as C shows them: a list with `text`, all of them.
function session.shown(problems)
  if type(problems) ~= "table" then problems = { { why = tostring(problems), code = "failed" } } end
  local out = { text = lunik.text(problems) }
  for i, each in ipairs(problems) do
    local at = each.at and each.at[1] or {}
    out[i] = { text = lunik.text { each }, why = each.why, field = each.path, code = each.code,
               file = at.file, line = at.line }
  end
  return out
end

local NOTHING = "nothing is loaded"

-- Overrides a field of the recipes that are loaded from now on.
function session:set(field, value)
  self.settings[field] = value
  return true
end

-- Who hears of the progress of machines.
function session:progress(slot)
  self.teller = slot
  return true
end

local function tell(self, kind, text)
  if self.teller then self.due:post { slot = self.teller, name = kind, text = text } end
end

local function load(self, path, options)
  options.set, options.limit_memory, self.plan = self.settings, true, nil
  local plan, problems = lunik.plan(path, options)
  if not plan then return nil, problems end
  self.plan = plan
  return true
end

function session:load(path) return load(self, path, {}) end

-- A recipe that lies in memory, as if it were the file `name` in `folder`.
function session:load_text(text, name, folder)
  local path, host = require "lunik.embed.text"(text, name, folder)
  return load(self, path, { host = host })
end

function session:argv(full)
  if not self.plan then return problem(NOTHING, "missing") end
  return self.plan:command("paste", full)
end

local waiting = {}         -- what is begun as a task

-- Starts what was loaded.
function waiting:start(id)
  if not self.plan then return problem(NOTHING, "missing") end
  local vm = { id = id, own = true }
  self.vms[id] = vm
  local on, policies = functions.of_machine(self, vm)
  local handle, problems = lunik.start(self.plan, self.loop, { on = on, policies = policies,
    tell = function(kind, text) tell(self, kind, text) end })
  if not handle then
    self.vms[id] = nil
    return nil, problems
  end
  vm.handle = handle
  return handle.name
end

function waiting:attach(id, name)
  local handle, problems = lunik.attach(name, { loop = self.loop })
  if not handle then return nil, problems end
  self.vms[id] = { id = id, handle = handle }
  return handle.name
end

local GONE = "the machine was let go of"

-- The value of a method of machine `id`, whose arguments are a table.
function waiting:call(id, name, asked)
  if not self.vms[id] then return problem(GONE, "closed") end
  return require "lunik.embed.call".method(self.vms[id], name, asked)
end

-- The same with texts of JSON.
function waiting:call_json(id, name, json)
  if not self.vms[id] then return problem(GONE, "closed") end
  return require "lunik.embed.call".json(self.vms[id], name, json)
end

local function begin(self, name, ...)
  local task = self.loop:spawn_for(function(text) tell(self, "problem", text) end, name,
    waiting[name], self, ...)
  task.joined = true
  return task
end

-- Begins what waits: the number of its task.
function session:begin(name, ...)
  self.begun = self.begun + 1
  self.tasks[self.begun] = begin(self, name, ...)
  return self.begun
end

-- What a task has come to; one that raised is a bug or has no memory.
local function outcome(task)
  local values = task.finished.values
  if not values[1] then error(values[2], 0) end
  return table.unpack(values, 2, values.n)
end

-- Calls a method, whose value the program's function `slot` is called with later.
function session:submit(slot, id, name, json)
  self.loop:spawn("submit " .. name, function()
    local task = begin(self, "call_json", id, name, json)
    task.finished:wait()
    local ok, text, problems = pcall(outcome, task)
    if not ok then text, problems = nil, { { why = tostring(text), code = "failed" } } end
    self.due:post { slot = slot, vm = id, name = name, json = text, must = true,
                    problem = not text and problems[1] or nil }
  end)
  return true
end

-- Why a task is waited for no more | nil. Where memory was short it may wait for what is lost.
local function given_up(self)
  if self.starved() then return { why = "not enough memory", code = "failed" } end
  if not self.interrupted then return nil end
  self.interrupted = false
  return { why = "interrupted", code = "interrupted" }
end

-- Runs the loop until a task is over, or the program's function is due: { over, value } |
-- the call that is due | nil, problems
function session:pump(number)
  local task, entry, why = self.tasks[number], nil, nil
  self.loop:turn_until(function()
    entry = self.due:take()
    if entry or task.finished:is_set() then return true end
    why = given_up(self)
    return why
  end)
  if entry then return entry end
  self.tasks[number] = nil
  if why then
    task:cancel()
    return nil, { why }
  end
  local value, problems = outcome(task)
  if value == nil then return nil, problems end
  return { over = true, value = value }
end

-- One turn of the loop, if `turn`; then the call that is due, or true.
function session:step(turn)
  if turn then self.loop:step() end
  return self.due:take() or true
end

-- What the program's own loop waits for: { [fd] = "r", "w" or "rw" }, seconds | nil
function session:wanted()
  local fds, seconds = self.loop:wanted()
  local out = {}
  for fd, each in pairs(fds) do
    out[fd] = (each.events.IN and "r" or "") .. (each.events.OUT and "w" or "")
  end
  return out, self.due:is_empty() and seconds or 0
end

-- The program's function has been called: it gave `text`, or refused by it.
function session.answered(_, entry, ok, text)
  due.answered(entry, ok, text)
  return true
end

-- Lets go of a machine: one that lives on its own runs on, one of the program's ends.
local function let_go(vm)
  if not vm.handle then return end
  if not vm.own then return vm.handle:close() end
  if vm.handle:wait(0) then return end
  vm.handle:stop("its program lets go of it", "kill")
  vm.handle:wait(ENDING)
end

-- Lets go of all of them.
function waiting:let_go()
  local list = {}
  for _, vm in pairs(self.vms) do list[#list + 1] = vm end
  for _, vm in ipairs(list) do let_go(vm) end
  return true
end

function waiting:release(id)
  let_go(self.vms[id])
  self.vms[id] = nil
  return true
end

-- Lets go of everything.
function session:close()
  self.loop:run(waiting.let_go, self)
  self.loop:close()
  return true
end

-- Waits for lunik_interrupt, whose descriptor is `fd`; `drained()` takes what was written there.
local function interrupts(self, fd, drained)
  while true do
    self.loop:wait(fd, "r")
    drained()
    self.interrupted = true
  end
end

-- A session. now(slot, name, json): calls a function of the program's while a recipe is read;
-- starved(): whether Lua has been refused memory since the call from C began.
return function(fd, drained, now, starved)
  local loop = async.new()
  local self = setmetatable({ loop = loop, settings = {}, modules = {},
    hooks = {}, policies = {}, vms = {}, tasks = {}, begun = 0, now = now, starved = starved },
    session)
  self.due = due.new(loop, function(text) tell(self, "problem", text) end)
  loop:spawn("interrupts", interrupts, self, fd, drained)
  return self
end
