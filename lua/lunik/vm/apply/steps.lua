-- SPDX-License-Identifier: MIT
-- The steps by which a running machine becomes what its recipe says, a row per kind: act and undo
-- (true | nil, why, code), settle (what the outline of what runs is from then on), and is_done,
-- whether one that nobody saw the end of was carried out. A step is plain data:
--   { kind, text, state, item | forward | amount, after }
-- `about` is which of these a row needs. One of kind "code" has edits (lunik.change.code) and what
-- the recipe is to be read from, too, which are not written down: it is done anew.
local devices = require "lunik.vm.devices"
local kind = require "lunik.schema.kind"
local match = require "lunik.change.match"

local steps = { kinds = {} }

-- The device of the running machine that an item is | nil
function steps.device(vm, item)
  for _, device in ipairs(vm.hotplug:list()) do
    if ("%s %s"):format(device.family, device.label) == match.key(item) then return device end
  end
end

local function is_plugged(vm, item)
  local device = steps.device(vm, item)
  return device ~= nil and device.state == "plugged"
end

local function copy(of)
  local out = {}
  for key, value in pairs(of) do out[key] = value end
  return out
end

-- What to ask for an item by: as it was written, and by the name that it has at a start.
function steps.fields(item)
  local fields = copy(item.given)
  fields[item.family == "mount" and "tag" or "id"] = item.name
  fields.mac = item.mac
  return fields
end

local function plug(vm, item)
  local device, why, code = devices.plug(vm, item.family, steps.fields(item), { dir = item.dir })
  if device and device.by_hand then vm:tell("note", device.by_hand) end
  return device and true, why, code
end

local function unplug(vm, item, force)
  local device = steps.device(vm, item)
  if not device then return true end
  return devices.unplug(vm, device.id, { force = force })
end

local function forget(outline, item)
  for i, each in ipairs(outline.items) do
    if match.key(each) == match.key(item) then return table.remove(outline.items, i) end
  end
end

local function remember(outline, item)
  forget(outline, item)
  local new = copy(item)
  new.hot = true
  table.insert(outline.items, new)
end

steps.kinds.plug = {
  about = "item",
  act = function(vm, step) return plug(vm, step.item) end,
  undo = function(vm, step) return unplug(vm, step.item, true) end,
  settle = function(outline, step) remember(outline, step.item) end,
  unsettle = function(outline, step) forget(outline, step.item) end,
  is_done = function(vm, step) return is_plugged(vm, step.item) end,
}

steps.kinds.unplug = {
  about = "item",
  act = function(vm, step, force) return unplug(vm, step.item, force) end,
  undo = function(vm, step) return plug(vm, step.item) end,
  settle = function(outline, step) forget(outline, step.item) end,
  unsettle = function(outline, step) remember(outline, step.item) end,
  is_done = function(vm, step) return steps.device(vm, step.item) == nil end,
}

-- Forwards of a card, as its row reads them.
local function written(list)
  local out = {}
  for _, one in ipairs(list) do
    out[one.name] = { guest = one.guest, protocol = one.protocol, address = one.address,
                      host = one.port ~= 0 and one.port or nil }
  end
  return out
end

local function change_forwards(outline, step, added)
  for _, item in ipairs(outline.items) do
    if match.key(item) == match.key(step.item) then
      local list = {}
      for _, one in ipairs(item.fields.forward or {}) do
        if one.name ~= step.forward.name then list[#list + 1] = one end
      end
      if added then list[#list + 1] = step.forward end
      table.sort(list, function(a, b) return a.name < b.name end)
      item.fields.forward, item.given.forward = list, written(list)
    end
  end
end

local function add_forward(vm, one)
  local added, why, code = vm:add_forward(one)
  return added and true, why, code
end

local function remove_forward(vm, name)
  if not vm:find_forward(name) then return true end
  return vm:remove_forward(name)
end

steps.kinds.forward = {
  about = "forward",
  act = function(vm, step) return add_forward(vm, step.forward) end,
  undo = function(vm, step) return remove_forward(vm, step.forward.name) end,
  settle = function(outline, step) change_forwards(outline, step, true) end,
  unsettle = function(outline, step) change_forwards(outline, step) end,
  is_done = function(vm, step) return vm:find_forward(step.forward.name) ~= nil end,
}

-- Its port, where one was chosen, is asked for again when it is taken back.
steps.kinds.unforward = {
  about = "forward",
  act = function(vm, step)
    local bound = vm:find_forward(step.forward.name)
    step.port = bound and bound.port
    return remove_forward(vm, step.forward.name)
  end,
  undo = function(vm, step)
    local one = copy(step.forward)
    one.port = step.port or one.port
    return add_forward(vm, one)
  end,
  settle = function(outline, step) change_forwards(outline, step) end,
  unsettle = function(outline, step) change_forwards(outline, step, true) end,
  is_done = function(vm, step) return vm:find_forward(step.forward.name) == nil end,
}

-- Devices that have no item in a recipe: they are known by what this step has plugged.
local function plug_more(vm, step, family, fields)
  local device, why, code = devices.plug(vm, family, fields)
  if not device then return nil, why, code end
  step.ids = step.ids or {}
  table.insert(step.ids, device.id)
  if device.by_hand then vm:tell("note", device.by_hand) end
  return true
end

local function unplug_more(vm, step)
  local ids = step.ids or {}
  while #ids > 0 do
    local ok, why, code = devices.unplug(vm, ids[#ids], { force = true })
    if not ok then return nil, why, code end
    table.remove(ids)
  end
  return true
end

local function more(name, act, is_done)
  return { about = "amount", act = act, undo = unplug_more, is_done = is_done,
    settle = function(outline, step)
      step.before = outline.scalars[name]
      outline.scalars[name] = step.after
    end,
    unsettle = function(outline, step) outline.scalars[name] = step.before end }
end

-- The module by which the machine's memory comes to that size.
local function module_of(step)
  return { family = "memory", name = "mem-to-" .. kind.size.text(step.after) }
end

steps.kinds.memory = more("memory", function(vm, step)
  return plug_more(vm, step, "memory", { size = kind.size.text(step.amount),
                                         id = module_of(step).name })
end, function(vm, step) return is_plugged(vm, module_of(step)) end)

steps.kinds.cpus = more("cpus", function(vm, step)
  for _ = 1, step.amount do
    local ok, why, code = plug_more(vm, step, "cpu", {})
    if not ok then return nil, why, code end
  end
  return true
end, function() return false end)     -- how many there are is counted anyway

-- Puts what is edited in the place of what a machine's outline has.
local function edit(outline, one)
  for i, hook in ipairs(outline.hooks) do
    local is = one.gone and hook.point == one.gone.point and hook.digest == one.gone.digest
    if is then
      table.remove(outline.hooks, i)
      break
    end
  end
  if one.come then table.insert(outline.hooks, one.come) end
  for i, item in ipairs(outline.items) do
    if one.item and match.key(item) == match.key(one.item) then
      local new = copy(item)
      new.fields = copy(item.fields)
      for _, field in ipairs(one.fields) do new.fields[field] = one.item.fields[field] end
      outline.items[i] = new
    end
  end
end

-- The functions of the recipe as it reads now, in the place of those that it had.
local function renew(vm, step)
  local again = vm.context.again
  if not again then return nil, "the recipe's functions are those of its program", "unsupported" end
  local new, why = again(step.source)
  if not new then return nil, why, "invalid" end
  local before, reason, code = vm:replace_code(new)
  if not before then return nil, reason, code end
  step.before, step.forget = before, new.forget
  local ok
  ok, why = new.keep()
  if ok then return true end
  vm:replace_code(before)
  return nil, why, "failed"
end

steps.kinds.code = {
  about = "text",
  act = renew,
  undo = function(vm, step)
    local replaced, why = vm:replace_code(step.before)
    if not replaced then return nil, why end
    return step.forget()
  end,
  settle = function(outline, step)
    step.outline = { hooks = outline.hooks, items = outline.items }
    outline.hooks, outline.items = { table.unpack(outline.hooks) }, { table.unpack(outline.items) }
    for _, one in ipairs(step.edits) do edit(outline, one) end
  end,
  unsettle = function(outline, step)
    outline.hooks, outline.items = step.outline.hooks, step.outline.items
  end,
  is_done = function() return false end,
}

return steps
