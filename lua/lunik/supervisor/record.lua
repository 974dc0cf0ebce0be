-- SPDX-License-Identifier: MIT
-- What a supervisor writes down beside vm.json: the snapshot, for whoever adopts the machine, and
-- in the machine's state directory what is asked for after its end: where its recipe lies, when
-- it was started, how it ended, and its logs.
local core = require "lunik.core"
local exit = require "lunik.exit"
local snapshot = require "lunik.recipe.snapshot"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local variables = require "lunik.supervisor.variables"

local record = {}
record.__index = record

-- `text`: the snapshot as it came | nil
function record.new(kept, text)
  return setmetatable({ kept = kept, text = text, plan = kept.plan, began = os.time() }, record)
end

-- The machine whose clone it is | nil: one of its recipe's template is what that starts.
local function clone_of(plan)
  local fork = plan.saved and plan.saved.fork
  if not fork or fork.template or require "lunik.supervisor.templates".is(fork.of) then
    return nil
  end
  return fork.of
end

local function write(self, how)
  local object = { lunik = 1, name = self.plan.name, began = self.began,
                   recipe = portable.text(self.kept.recipe.file),
                   set = core.json.object(self.kept.recipe.set),
                   variables = variables.names(self.kept.recipe.inputs.env),
                   clone_of = clone_of(self.plan) }
  if how then
    object.ended = require "lunik.vm.status".how(how)
    object.ended.at = os.time()
  end
  return records.write(self.plan.state .. "/machine.json", core.json.encode(object) .. "\n")
end

-- The machine begins: true | nil, why
function record:begin(ctx)
  self.first = not stat.stat(self.plan.state .. "/machine.json")
  self.began = ctx.clock
  local text = self.text or snapshot.encode(self.kept)
  self.text = nil
  local ok, why = records.write(self.plan.runtime .. "/snapshot", text)
  if ok then ok, why = write(self) end
  return ok, why
end

-- Every log of the machine, its supervisor's included.
function record:logs()
  local plan = self.plan
  local list = { plan.state .. "/supervisor.log", plan.logs.qemu }
  if plan.console then list[#list + 1] = plan.console.log end
  for _, helper in ipairs(plan.helpers) do list[#list + 1] = helper.log end
  return list
end

-- A start that failed leaves no machine behind that never was.
local function forget(self)
  for _, path in ipairs(self:logs()) do
    if path:sub(1, #self.plan.state + 1) == self.plan.state .. "/" then unistd.unlink(path) end
  end
  unistd.unlink(self.plan.state .. "/machine.json")
  return true
end

-- The machine has ended, or, without a vm, was never one.
function record:over(vm)
  if vm then return write(self, vm.how) end
  if self.first then return forget(self) end
  return write(self, { kind = "start", text = "it did not start", code = exit.start })
end

return record
