-- SPDX-License-Identifier: MIT
-- What a restore takes of a saved machine (lunik.saved.folder), as plain data: it crosses to the
-- supervisor as part of the plan.
local core = require "lunik.core"
local shape = require "lunik.store.shape"

local text, shown, boolean = shape.text, shape.shown, shape.boolean
local plain = shape.map(shape.plain)

local function id(value, at, wrong)
  if type(value) == "string" and value:find "^%w[%w._-]*$" then return value end
  shape.bad(at, wrong)
end

local ASKED = shape.object({ fields = plain }, { dir = text, text = boolean })

local FORMS = {
  devices = shape.list(shape.object({ id = id, family = shown, label = shown, asked = ASKED },
                                    { port = shown })),
  mounts = shape.list(shape.object({ id = shown, label = shown },
    { served = boolean, boot = boolean, port = shown, asked = ASKED, fields = plain })),
  guest = shape.object({ memory = shape.map(id) },
    { paused = boolean, ready = boolean, mapped = boolean, places = shape.map(plain) }),
}

-- The images that went with the machine, by the disk's id: paths.
local function copies(opened)
  local out = {}
  for _, disk in ipairs(opened.machine.disks or {}) do
    local inside = disk.layers[1] and disk.layers[1].inside
    if inside and disk.id and opened.machine.files[inside] then
      out[disk.id] = opened.path .. "/" .. inside
    end
  end
  return out
end

-- Devices that came while it ran are none of its start's, whatever the recipe says by now.
local function came(devices)
  local out = {}
  for _, one in ipairs(devices) do out[("%s %s"):format(one.family, one.label)] = true end
  return out
end

-- Of an opened folder: { dir, generation, name, hardware,
-- devices, came (what of these the recipe may have), needs (lunik.machine.need), mounts, memory,
-- places, paused, mapped, copies }
-- | nil, why
return function(opened)
  local machine = opened.machine
  local found, wrong = shape.read(FORMS, { devices = machine.devices or core.json.array {},
    mounts = machine.mounts or core.json.array {}, guest = machine.guest })
  local guest = found.guest
  if not wrong and not guest then wrong = "guest" end
  for _, name in pairs(guest and guest.memory or {}) do
    if not machine.files[name] then wrong = wrong or "guest.memory" end
  end
  if wrong then
    return nil, ("%s: machine.json: %s is not what it should be"):format(opened.path, wrong)
  end
  return { dir = opened.path, generation = machine.generation, name = machine.name,
           devices = found.devices, came = came(found.devices),
           needs = machine.recipe.outline.needs, mounts = found.mounts, memory = guest.memory,
           hardware = machine.hardware, places = guest.places or {},
           paused = guest.paused or false, mapped = guest.mapped or false,
           copies = copies(opened) }
end
