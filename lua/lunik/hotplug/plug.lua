-- SPDX-License-Identifier: MIT
-- Plugs one device: reads the request, has its row draw it, carries the drawing out, and has the
-- guest use it. Whatever step fails, everything before it is taken back; what will have to be taken
-- back is written down before the first step, for whoever adopts the machine.
local carry_out = require "lunik.hotplug.carry_out"
local devices = require "lunik.hotplug.devices"
local draw = require "lunik.hotplug.draw"
local guest_step = require "lunik.hotplug.guest_step"
local life = require "lunik.hotplug.life"
local mounts = require "lunik.hotplug.mounts"
local numbers = require "lunik.hotplug.numbers"
local nic_forwards = require "lunik.hotplug.nic_forwards"
local request = require "lunik.hotplug.request"
local saved = require "lunik.hotplug.saved"
local take_back = require "lunik.hotplug.take_back"
local undo = require "lunik.process.undo"

local plug = {}

local UNSEEN = 8           -- seconds for a guest to let go of what it may never have seen

-- Whether somebody else sits in a port, though query-pci does not say so: it sees nothing behind
-- a bridge that no firmware has set up yet.
local function occupied(context, port)
  local bus = ("/machine/peripheral/%s/%s"):format(port.bus, port.bus)
  local child = context.monitor:exec("qom-get", { path = bus, property = "child[0]" })
  port.foreign = child and child:match "[^/]+$" or nil
  return child ~= nil
end

-- The drawing of an item, with a port that is free if it has any | nil, why, code
function plug.draw(context, item, port)
  while true do
    local drawing = draw.new(context, port)
    item.row.plug(drawing, item)
    if not drawing.why and not (drawing.taken and occupied(context, drawing.taken)) then
      return drawing
    end
    drawing:discard()
    if drawing.why then return nil, drawing.why, drawing.code end
  end
end

-- Files that go with the device.
local function temporary(drawing)
  local list = {}
  for _, file in ipairs(drawing.files) do
    if not file.keep then list[#list + 1] = file.path end
  end
  return list[1] and list
end

local function new_device(item, drawing)
  local id = item.id or drawing.commands[#drawing.commands].arguments.id
  local label = item.tag or item.id or id
  return { id = id, family = item.family, kind = item.kind, label = label,
           state = "drawn", port = drawing.taken and drawing.taken.name,
           planned = drawing.remove, remove = {}, share = drawing.shared,
           fields = saved.fields(drawing.shared, item),
           helper = drawing.helpers[1], undo = undo.new(),
           disk = drawing.disk, files = drawing.files, temporary = temporary(drawing),
           networks = drawing.networks }
end

-- Gives the commands what is known of the place that a device has had.
local function pin(drawing, places)
  for _, command in ipairs(drawing.commands) do
    local place = command.execute == "device_add" and places[command.arguments.id]
    for name, value in pairs(place or {}) do command.arguments[name] = value end
  end
end

local function prefixed(family, why, code) return nil, ("%s: %s"):format(family, why), code end

-- Reads and draws what is asked for: a device, and its drawing | nil, why, code
local function draw_request(context, family, fields, options)
  local item, port, code
  if options.lent then
    item, port, code = request.made(context, options.lent.item(devices.free(context)))
  else
    item, port, code = request.read(context, family, fields, options)
  end
  if not item then return nil, port, code end
  local why = devices.taken(context, item.id, item.tag or item.id)
  if why then return prefixed(family, why, "taken") end
  local ok
  ok, why, code = devices.reconcile(context)
  if not ok then return nil, why, code end
  local drawing
  drawing, why, code = plug.draw(context, item, port)
  if not drawing then return prefixed(family, why, code) end
  -- somebody else may have asked for the same meanwhile, or begun with something
  why, code = devices.taken(context, item.id, item.tag or item.id), "taken"
  if not why and options.hindered then why, code = options.hindered() end
  if not why then return new_device(item, drawing), drawing end
  drawing:discard()
  return prefixed(family, why, code)
end

-- A new device takes the place of one that is listed as dead.
local function forget_dead(context, label)
  for _, each in ipairs(table.move(context.devices, 1, #context.devices, 1, {})) do
    if life.is_dead(each) and each.label == label then life.go(context, each, "gone") end
  end
end

-- Has the machine and the guest use what QEMU has now: true | nil, why, code
local function put_to_use(context, device, drawing, options)
  if device.running then context.processes.add(device.running) end
  local ok, why, code = nic_forwards.bind(context, device, drawing.forwards)
  if options.incoming then return ok, why, code end
  if ok and options.first then
    ok, why = options.first()
    device.since = context.loop.now()
  end
  if ok and device.share then ok, why, code = mounts.settle(context, device, options) end
  if device.lent and ok and (device.by_hand or device.later) then
    ok, why, code = nil, device.by_hand or device.later, "unreachable"
  elseif device.lent then
    options.lent.refused = not ok and not device.running.ended:is_set()
  end
  if ok and drawing.guest_step then guest_step.run(context, device, drawing.guest_step) end
  return ok, why, code
end

-- Takes back what has failed; says so when that has failed, too.
local function give_up(context, device, why, code)
  device.left_in_guest = device.mounted ~= nil
  life.go(context, device, "unplugging")
  local ok, problem = take_back.run(context, device, UNSEEN)
  if ok then return nil, why, code end
  -- whoever asked for it may have gone
  context.tell("problem", ("%s: %s"):format(device.label, problem))
  return nil, ("%s\nand taking it back: %s"):format(why, problem), code
end

-- A request as it can be made again: with what it was made of.
local function kept(fields, options)
  local out = {}
  for key, value in pairs(fields) do out[key] = value end
  return { fields = out, dir = options.dir, text = options.text }
end

local function carry(context, family, fields, options)
  local began, asked = context.loop.now(), kept(fields, options)
  local device, drawing, code = draw_request(context, family, fields, options)
  if not device then return nil, drawing, code end
  device.asked, device.hot = asked, not options.boot
  if options.lent then
    device.lent, device.died, device.asked, device.fields = true, options.lent.died, nil, nil
  end
  if options.places then pin(drawing, options.places) end
  device.steps, device.since = {}, began
  carry_out.step(context, device, "request")
  forget_dead(context, device.label)
  local ok, why = life.go(context, device, "plugging")
  if ok then ok, why, code = carry_out.run(context, device, drawing) end
  if ok then ok, why, code = put_to_use(context, device, drawing, options) end
  if not ok then return give_up(context, device, why, code) end
  carry_out.step(context, device, "guest")
  mounts.remember(device)
  life.go(context, device, "plugged")
  return device
end

-- Plugs what a family's fields say, which are the caller's no more: the device | nil, why, code.
-- options: seconds for the guest to answer; quiet, not to wait for it; text and dir, as
-- lunik.hotplug.request has them; incoming, its state is to come, and the guest knows it; places,
-- more arguments of what has such ids; boot, it is one of the machine's start; first(), which is
-- waited for before the guest is to use it: true | nil, why; lent, it is a mount that goes again in
-- a moment, { item(tag), died() }; refused in it: the guest has.
function plug.run(context, family, fields, options)
  if context.over then return nil, "the machine is stopping", "ended" end
  local number = numbers.take(context, family)
  local device, why, code = carry(context, family, fields,
                                  setmetatable({ number = number }, { __index = options }))
  numbers.settle(context, family, number, device)
  return device, why, code
end

return plug
