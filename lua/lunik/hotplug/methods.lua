-- SPDX-License-Identifier: MIT
-- What the handle on a running machine (lunik.vm) can do about its devices.
local item = require "lunik.schema.item"
local shares = require "lunik.hotplug.shares"

local methods = {}

local function copy(fields)
  local out = {}
  for key, value in pairs(fields) do out[key] = value end
  return out
end

-- Mounts a directory of the host, { from =, to =, tag =, readonly =, owner =, … } as mount {} has
-- them: what `lunik mounts` lists of it | nil, why. options: seconds for a guest that is booting.
function methods:mount(fields, options)
  local device, why = self.hotplug:plug("mount", copy(fields), options)
  if not device then return nil, why end
  local mounted = shares.listed(device)
  mounted.steps = device.steps
  return mounted
end

-- Unmounts by tag, or by its place here or there: true | nil, why. options: force, seconds
function methods:unmount(name, options)
  return self.hotplug:unplug(name, options)
end

-- Every mount: { tag, type, from, to, readonly, owner, state, why, port }. With a list of those
-- that are wanted, first whatever differs is changed: the mounts | nil, why
function methods:mounts(wanted)
  local ok, why = true, nil
  if wanted then ok, why = require "lunik.hotplug.converge".run(self, wanted) end
  if not ok then return nil, why end
  return shares.list(self.hotplug)
end

-- Plugs an item of a recipe, such as disk { file = … }, or the fields of a family: what `lunik
-- slots` knows of it | nil, why. options: as hotplug:plug
function methods:plug(what, fields, options)
  local opened = item.open(what)
  local family = opened and opened.word:gsub("^qemu%.", "") or what
  local device, why = self.hotplug:plug(family, copy(opened and opened.fields or fields or {}),
                                        options)
  if not device then return nil, why end
  return { id = device.id, family = device.family, label = device.label, port = device.port,
           by_hand = device.by_hand }
end

-- Whether there is a device of that id: what `lunik slots` knows of it | nil
function methods:device(id)
  for _, device in ipairs(self.hotplug.devices) do
    if device.id == id and device.state ~= "dead" then
      return { id = device.id, family = device.family, label = device.label, port = device.port,
               state = device.state }
    end
  end
end

-- Unplugs a device by its id: true | nil, why. options: force, seconds
function methods:unplug(name, options)
  return self.hotplug:unplug(name, options)
end

-- The ports: { port, id, family, label, state } | nil, why
function methods:slots()
  return self.hotplug:slots()
end

return methods
