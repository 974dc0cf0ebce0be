-- SPDX-License-Identifier: MIT
-- The devices of a running machine that can come and go: those of its start that sit in a port,
-- and those plugged since. What a device is, as it is written down, too:
--   { id, family, label, port (a name), state = plugging | plugged | unplugging | dead,
--     remove = QMP commands that take it back, last first, helper = its daemon (a row of the plan),
--     share = what the guest mounts, fields = as they were asked for, hot }
local cards = require "lunik.hotplug.nic_forwards"
local errno = require "posix.errno"
local halves = require "lunik.hotplug.guest_step"
local kept = require "lunik.hotplug.saved"
local known = require "lunik.hotplug.devices"
local plug = require "lunik.hotplug.carry_out"
local ports = require "lunik.plan.ports"
local recover = require "lunik.hotplug.recover"
local remove = require "lunik.hotplug.take_back"
local shares = require "lunik.hotplug.mounts"
local undo = require "lunik.process.undo"

local hotplug = {}
hotplug.__index = hotplug

local PATIENCE = 15        -- seconds for a guest to let a device go; native PCIe takes six
local UNSEEN = 8           -- … and for one that it may never have seen

-- `policies`: { family, fn, at } in written order
function hotplug.new(vm, policies)
  local self = setmetatable({ vm = vm, ports = vm.plan.ports or {}, policies = policies or {},
                              devices = {}, leaving = {}, count = 0 }, hotplug)
  vm:listen(function(event)
    remove.hear(self, event)
    self:hear(event)
  end)
  return self
end

local function note(self)
  if self.over then return end
  self.vm:record()
  kept.write(self)
end

local function drop(self, device)
  for i, each in ipairs(self.devices) do
    if each == device then table.remove(self.devices, i) end
  end
end

local function taken(self, id, label)
  for _, device in ipairs(self.devices) do
    if device.state ~= "dead" and (device.id == id or device.label == label) then
      return ("'%s' is taken by the %s %s"):format(label, device.family,
        device.share and device.share.from or "of that id")
    end
  end
end

-- Holds the table of ports against QEMU.
function hotplug:reconcile()
  if #self.ports == 0 then return true end
  local buses, why = self.vm.monitor:exec "query-pci"
  if not buses then return nil, why end
  ports.reconcile(self.ports, buses)
  return true
end

-- What is left of a device that does not go: it keeps its port until QEMU says that it has gone.
local function linger(self, device)
  device.state = "unplugging"
  note(self)
  if device.waiting then return end
  device.waiting = true
  self.vm.loop:spawn("end of " .. device.id, function()
    local latch = self.leaving[device.id]
    if latch then latch:wait() end
    device.waiting = false
    if not self:finish(device, PATIENCE) then return end
    self.vm:tell("device", device.label .. " has gone")
    if device.lost then self:revive(device) end
  end)
end

-- What QEMU or the guest refuses to let go of is plugged as before.
local function stays(self, device)
  local last = device.remove[#device.remove]
  if last and last.execute == "device_del" then device.state = "plugged" end
  if device.running then self.vm:with_helper(device.running) end
  note(self)
end

-- Takes back what a device has, in reverse: true | nil, why
function hotplug:finish(device, seconds)
  device.state = "unplugging"
  note(self)
  if device.running then self.vm:without_helper(device.running) end
  local ok, why, code = remove.commands(self, device.remove, seconds)
  if not ok then
    if code == errno.ETIMEDOUT then linger(self, device) else stays(self, device) end
    return nil, why, code
  end
  if device.late then shares.sweep(self, device) end
  local failures = device.undo:run()
  if device.running then
    local ended, left = self.vm:end_helper(device.running)
    if not ended then failures[#failures + 1] = left end
  end
  ports.release(self.ports, device.id)
  cards.drop(self.vm, device)
  drop(self, device)
  note(self)
  if #failures > 0 then return nil, table.concat(failures, "; ") end
  return true
end

-- What to say when taking back has failed, too.
local function taken_back(self, device, why)
  device.late = device.mounted ~= nil
  local ok, problem = self:finish(device, UNSEEN)
  if ok then return nil, why end
  return nil, ("%s\nand taking it back: %s"):format(why, problem)
end

-- Whether somebody else sits in a port, though query-pci does not say so: it sees nothing behind
-- a bridge that no firmware has set up yet.
local function occupied(self, port)
  local bus = ("/machine/peripheral/%s/%s"):format(port.bus, port.bus)
  local child = self.vm.monitor:exec("qom-get", { path = bus, property = "child[0]" })
  port.foreign = child and child:match "[^/]+$" or nil
  return child ~= nil
end

local sketch_of
function sketch_of(self, item, port)
  local sketch = require "lunik.hotplug.draw".new(self.vm, self.ports, port)
  item.row.plug(sketch, item)
  if sketch.why and sketch.taken then ports.free(sketch.taken) end
  if sketch.why then return nil, sketch.why end
  if not sketch.taken or not occupied(self, sketch.taken) then return sketch end
  ports.free(sketch.taken)
  return sketch_of(self, item, port)
end

-- Files that go with the device.
local function temporary(sketch)
  local list = {}
  for _, file in ipairs(sketch.files) do
    if not file.keep then list[#list + 1] = file.path end
  end
  return list[1] and list
end

-- A device about to be plugged; from here on it is written down.
local function new_device(item, sketch)
  local id = item.id or sketch.commands[#sketch.commands].arguments.id
  local label = item.tag or item.id or id
  return { id = id, family = item.family, kind = item.kind, label = label, hot = true,
           state = "plugging", port = sketch.taken and sketch.taken.name,
           planned = sketch.remove, remove = {}, share = sketch.shared,
           fields = kept.fields(sketch.shared, item),
           helper = sketch.helpers[1], undo = undo.new(),
           temporary = temporary(sketch), networks = sketch.networks }
end

local function draw(self, family, fields, options)
  local item, port = require "lunik.hotplug.request".read(self.vm, family, fields, options)
  if not item then return nil, port end
  local why = taken(self, item.id, item.tag or item.id)
  if why then return nil, ("%s: %s"):format(family, why) end
  local ok
  ok, why = self:reconcile()
  if not ok then return nil, why end
  local sketch
  sketch, why = sketch_of(self, item, port)
  -- somebody else may have asked for the same meanwhile
  if sketch then why = taken(self, item.id, item.tag or item.id) end
  if why and sketch and sketch.taken then ports.free(sketch.taken) end
  if why then return nil, ("%s: %s"):format(family, why) end
  return new_device(item, sketch), sketch
end

-- A machine that starts gets what was kept of it.
function hotplug:restore() kept.restore(self) end

local function forget_dead(self, device)
  for _, each in ipairs(table.move(self.devices, 1, #self.devices, 1, {})) do
    if each.state == "dead" and each.label == device.label then drop(self, each) end
  end
end

-- Carries something out to its end, whatever becomes of whoever asked for it: a client that leaves,
-- or a hook that is given up, leaves nothing half done.
local function to_its_end(self, name, fn, ...)
  local ran, value, why = self.vm.loop:spawn(name, fn, self, ...):join()
  if not ran then error(value, 0) end
  return value, why
end

local function do_plug(self, family, fields, options)
  if self.over then return nil, "the machine is stopping" end
  options = options or {}
  local began = self.vm.loop.now()
  local device, sketch = draw(self, family, fields, options)
  if not device then return nil, sketch end
  device.steps, device.since = {}, began
  plug.step(self, device, "request")
  forget_dead(self, device)
  self.devices[#self.devices + 1] = device
  local ok, why = self.vm:record()
  if ok then ok, why = plug.carry_out(self, device, sketch) end
  if ok and device.running then self.vm:with_helper(device.running) end
  if ok then ok, why = cards.bind(self.vm, device, sketch.forwards) end
  if ok and device.share then ok, why = shares.settle_alive(self, device, options) end
  if ok and sketch.guest_half then halves.run(self, device, sketch.guest_half) end
  if not ok then return taken_back(self, device, why) end
  plug.step(self, device, "guest")
  device.state, device.planned = "plugged", nil
  note(self)
  return device
end

-- Plugs what a family's fields say, which are the caller's no more: the device | nil, why.
-- options: seconds for the guest to answer; quiet, not to wait for it; text and dir, as
-- lunik.hotplug.request has them
function hotplug:plug(family, fields, options)
  return to_its_end(self, "plug", do_plug, family, fields, options)
end

-- Why this QEMU cannot let go of a device | nil
local function refused(self, device)
  if not device.kind or device.kind == "qemu" then return nil end
  local row = require "lunik.device".row(device.family, device.kind)
  return row.no_unplug and row.no_unplug(self.vm)
end

local function do_unplug(self, name, options)
  local device, why = self:find(name)
  if not device then return nil, why end
  if device.state == "dead" then
    drop(self, device)
    note(self)
    return true
  end
  if device.state == "plugging" or device.busy then
    return nil, ("'%s' is just being %s"):format(device.label,
      device.busy and "unplugged" or "plugged")
  end
  local refusal = refused(self, device)
  if refusal then return nil, ("%s: %s"):format(device.label, refusal) end
  device.busy = true
  local _ <close> = setmetatable({}, { __close = function() device.busy = false end })
  local ok = true
  if device.share then ok, why = shares.leave(self, device, options or {}) end
  if not ok then return nil, why end
  local code
  ok, why, code = self:finish(device, options and options.seconds or PATIENCE)
  if code ~= errno.ETIMEDOUT then return ok, why end
  if options and options.force then remove.cut(self, device.remove) end
  return nil, why .. "; it goes when the guest lets go of it, or at a reset"
end

-- Unplugs a device by one of its names: true | nil, why. options: force (from whoever uses it),
-- seconds (for the guest)
function hotplug:unplug(name, options)
  return to_its_end(self, "unplug", do_unplug, name, options)
end

-- A daemon has ended: its device is deleted before anybody in the guest touches it again, since
-- whoever does waits for ever, and holds up the rest (true of every virtiofsd and kernel so far).
function hotplug:helper_ended(helper)
  for _, device in ipairs(self.devices) do
    local its = device.helper and device.helper.name == helper.name
    if its and device.state == "plugged" and not device.busy then
      return shares.died(self, device)
    end
  end
end

-- The machine ends: nothing is plugged any more, and helpers end with it.
function hotplug:close()
  self.over = true
  local failures = {}
  for _, device in ipairs(self.devices) do
    for _, failure in ipairs(device.undo:run()) do failures[#failures + 1] = failure end
  end
  if #failures > 0 then return nil, table.concat(failures, "; ") end
  return true
end

for _, part in ipairs { known, recover } do
  for name, fn in pairs(part) do hotplug[name] = fn end
end

return hotplug
