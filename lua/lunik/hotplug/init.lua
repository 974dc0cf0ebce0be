-- SPDX-License-Identifier: MIT
-- The devices of a running machine that can come and go: those of its start that sit in a port,
-- and those plugged since. It knows the machine by a context, which lunik.vm.hotplug_context
-- makes, and gives that to every step. What a device is, as it is written down, too:
--   { id, family, label, port (a name), state = plugging | plugged | unplugging | dead,
--     remove = QMP commands that take it back, last first, helper = its daemon (a row of the plan),
--     share = what the guest mounts, fields = as they were asked for, hot, lent (for a copy: it is
--     no mount of anybody's) }
-- Beside these, while the machine runs: running (the helper's process), mounted (what the guest
-- makes of its share), undo (of what was made on the host), left_in_guest (something of it may be
-- mounted when it has gone), planned (what `remove` will be once it is plugged), why (it is dead).
local codes = require "lunik.codes"
local death = require "lunik.hotplug.death"
local delete = require "lunik.hotplug.delete"
local devices = require "lunik.hotplug.devices"
local life = require "lunik.hotplug.life"
local mounts = require "lunik.hotplug.mounts"
local recover = require "lunik.hotplug.recover"
local saved = require "lunik.hotplug.saved"

local hotplug = {}
hotplug.__index = hotplug

-- Has the devices of a machine written down: true | nil, why
local function write_down(context)
  if context.over then return true end
  local ok, why = context.record()
  if not context.restoring then saved.write(context) end
  return ok, why
end

-- Takes the context over, and adds to it what is hotplug's own: devices (the list), leaving (a
-- latch for each id that QEMU is to delete), numbers (for ids), ends (tasks that do the rest of a
-- device's end), over (the machine ends),
-- restoring (what was kept is being mounted), write_down.
function hotplug.new(context)
  context.devices, context.leaving, context.numbers = {}, {}, {}
  context.ends, context.over, context.restoring = {}, false, false
  function context.write_down() return write_down(context) end
  function context.insist(device) recover.insist(context, device) end
  context.listen(function(event)
    delete.hear(context, event)
    recover.hear(context, event)
  end)
  return setmetatable({ context = context, devices = context.devices }, hotplug)
end

-- Takes over devices as they are written down: those of the plan at a start, or a record's.
function hotplug:take(list) devices.take(self.context, list) end

-- The devices as they are written down.
function hotplug:record() return devices.record(self.context) end

-- Mounts again what was kept, in a machine that starts. What cannot be is told, and forgotten.
function hotplug:restore()
  local context = self.context
  local list = saved.read(context)
  if #list == 0 then return end
  context.restoring = true
  for _, fields in ipairs(list) do
    local device, problem = self:plug("mount", fields, { quiet = true })
    if not device then context.tell("problem", "a kept mount: " .. problem) end
  end
  context.restoring = false
  context.write_down()
end

-- Deals with what happened while nobody watched, in a machine that is taken over.
function hotplug:settle() recover.settle(self.context) end

-- Waits until what goes behind everybody's back has gone, or stays.
function hotplug:rest() recover.rest(self.context) end

-- Carries something out to its end, whatever becomes of whoever asked for it: a client that leaves,
-- or a hook that is given up, leaves nothing half done.
local function to_its_end(self, name, fn, ...)
  local ran, value, why, class = self.context.loop:spawn(name, fn, self.context, ...):join()
  if not ran then error(value, 0) end
  return value, why, class and codes.word(class)
end

-- Plugs what a family's fields say (lunik.hotplug.plug): the device | nil, why, code. Rows and what
-- reads them are loaded here, since most machines get nothing while they run.
function hotplug:plug(family, fields, options)
  return to_its_end(self, "plug", require "lunik.hotplug.plug".run, family, fields, options)
end

-- Lends something to the guest, { item(tag), died() }: a mount that whoever asks for it unplugs
-- again: the device | nil, why, code. options as hotplug:plug.
function hotplug:lend(lent, options)
  return self:plug("mount", {}, setmetatable({ lent = lent }, { __index = options }))
end

-- Plugs again what a saved machine had, before its state comes, which the guest's side is part of.
function hotplug:come_back(family, fields, options)
  self.context.incoming = true
  local device, why, code = self:plug(family, fields, options)
  self.context.incoming = false
  return device, why, code
end

-- What keeps devices from coming, all of them (lunik.hotplug.trial). Nothing is done.
function hotplug:try(list) return require "lunik.hotplug.trial".run(self.context, list) end

-- Unplugs a device by one of its names (lunik.hotplug.unplug): true | nil, why, code
function hotplug:unplug(name, options)
  return to_its_end(self, "unplug", require "lunik.hotplug.unplug".run, name, options)
end

-- Whether the guest can do without a device now: true | nil, why, code. Nothing is done to it.
function hotplug:spares(name)
  local device, why, code = devices.find(self.context, name)
  if not device then return nil, why, code end
  return require "lunik.hotplug.in_use".ask(self.context, device)
end

-- Whether the guest could do without a mount now: true | nil, why, code. Nothing is done to it.
function hotplug:spares_mount(device) return mounts.is_free(self.context, device) end

-- A device that somebody calls so | nil, why, code
function hotplug:find(name) return devices.find(self.context, name) end

-- Gives a device as it is shown.
function hotplug.shown(device)
  return { id = device.id, family = device.family, label = device.label, port = device.port,
           state = life.word(device) }
end

-- The device of that id, as it is shown | nil, where there is none, or it is dead
function hotplug:device(id)
  for _, device in ipairs(self.devices) do
    if device.id == id and not life.is_dead(device) then return hotplug.shown(device) end
  end
end

-- Every device that the machine has, but what is lent for a copy, as it is shown.
function hotplug:list()
  local list = {}
  for _, device in ipairs(self.devices) do
    if not life.is_dead(device) and not device.lent then
      list[#list + 1] = hotplug.shown(device)
    end
  end
  return list
end

-- Every device that is there from the start to the end, as it is shown.
function hotplug:fixed() return devices.fixed(self.context) end

-- Every mount, as it is listed (lunik.hotplug.mounts).
function hotplug:mounts() return mounts.list(self.devices) end

-- The ports: { port, id, family, label, state } each | nil, why, code
function hotplug:slots() return devices.slots(self.context) end

-- Whether the recipe's code is asked before something comes.
function hotplug:has_policies() return self.context.policies[1] ~= nil end

-- Other policies, { family, fn, at }, are asked from now on: those that were.
function hotplug:replace_policies(list)
  local before = self.context.policies
  self.context.policies = list
  return before
end

-- A helper has ended. Must not wait.
function hotplug:helper_ended(helper)
  for _, device in ipairs(self.devices) do
    if device.helper and device.helper.name == helper.name and device.state == "plugged" then
      return death.of(self.context, device)
    end
  end
end

-- The machine ends: nothing is plugged any more, and helpers end with it.
function hotplug:close()
  self.context.over = true
  local failures = {}
  for _, device in ipairs(self.devices) do
    for _, failure in ipairs(device.undo:run()) do failures[#failures + 1] = failure end
  end
  if #failures > 0 then return nil, table.concat(failures, "; ") end
  return true
end

return hotplug
