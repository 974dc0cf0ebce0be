-- SPDX-License-Identifier: MIT
-- The families of devices and their kinds. A family's file names its kinds; a kind is
-- a row in its own file, loaded when a recipe first uses it:
--   fields    the row's own fields, { name, kind =, default =, required =, secret =, doc = }; in
--             `known` each has its name as `name`, too; what is `secret` no report shows
--   needs     what it asks of the machine as a whole, see lunik.plan
--   complete  fills in what was not given (ids, tags), before the checks
--   check     fields against each other: returns nil, field, why
--   emit_last the same, after all others have
--   says      which field a key of QEMU's comes from, where their values do not tell
--   emit      qemu.* values, helpers, descriptors: the only way onto the plan
--   plug      the same for a running machine (lunik.hotplug.draw), often emit itself; without
--             it `no_plug` says why not, and `no_unplug(context)` why it cannot go again
local kind = require "lunik.schema.kind"
local named = require "lunik.schema.named"

local device = {}

-- In the order in which help shows them.
device.families = { "disk", "cdrom", "nic", "mount", "console", "serial", "usb", "memory",
  "balloon", "cpu", "tpm", "agent", "ssh", "cloud_init", "credential", "ignition", "hotplug" }

local families = {}

-- A family: { kinds = names, the first being the default, once, together, doc }.
function device.family(name)
  if families[name] == nil then
    families[name] = false
    for _, known in ipairs(device.families) do
      if known == name then families[name] = require("lunik.device." .. name) end
    end
  end
  return families[name] or nil
end

-- Says which other kinds of its family have a field that this one has not | nil
local function elsewhere(family, own, field)
  local owners = {}
  for _, other in ipairs(device.family(family).kinds) do
    for _, row in ipairs(other ~= own and device.row(family, other).fields or {}) do
      if row[1] == field then owners[#owners + 1] = other end
    end
  end
  if #owners == 0 then return nil end
  return ("; '%s' is a field of %s %s: kind = \"%s\""):format(field, family,
    table.concat(owners, " and "), owners[1])
end

-- The row of one kind, with `kind` and `id` added to its fields.
function device.row(family, name)
  local row = require(("lunik.device.%s.%s"):format(family, name))
  if not row.known then
    row.family, row.kind, row.known = family, name, { table.unpack(row.fields) }
    local kinds = device.family(family).kinds
    if #kinds > 1 then
      table.insert(row.known, { "kind", kind = kind.one_of(kinds), default = name,
        doc = "which kind of " .. family })
    end
    named(row.known)
    row.known.elsewhere = function(field) return elsewhere(family, name, field) end
  end
  return row
end

return device
