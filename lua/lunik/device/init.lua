-- SPDX-License-Identifier: MIT
-- The families of devices and their kinds. A family's file names its kinds; a kind is
-- a row in its own file, loaded when a recipe first uses it:
--   fields    the row's own fields, { name, kind =, default =, required =, secret =, doc =,
--             example = }; in `known` each has its name as `name`, too; what is `secret` no report
--             shows; the example is what a recipe writes between the braces
--   example   the same of the kind, where its name alone is not enough
--   needs     what it asks of the machine as a whole, see lunik.plan
--   complete  fills in what was not given (ids, tags), before the checks
--   check     fields against each other: returns nil, field, why
--   emit_last the same, after all others have
--   says      which field a key of QEMU's comes from, where their values do not tell
--   emit      qemu.* values, helpers, descriptors: the only way onto the plan
--   plug      the same for a running machine (lunik.hotplug.draw), often emit itself; without
--             it `no_plug` says why not, and `no_unplug(context)` why it cannot go again
--   fork      what becomes of it in each clone of its machine (lunik.device.forked): "new", "share"
--             or "refuse", as without a word; `no_fork` says why, and `no_clone(item, asked)` why,
--             and a field, where that depends on the item
-- Families and kinds of extensions (lunik.extensions) have the same rows: a module each.
local extensions = require "lunik.extensions"
local forked = require "lunik.device.forked"
local kind = require "lunik.schema.kind"
local named = require "lunik.schema.named"

local device = {}

-- In the order in which help shows them.
device.families = { "disk", "cdrom", "nic", "mount", "console", "serial", "usb", "memory",
  "balloon", "cpu", "tpm", "agent", "ssh", "cloud_init", "credential", "ignition", "hotplug",
  "template" }

local is_own, families = {}, {}
for _, name in ipairs(device.families) do is_own[name] = true end

-- Whether a family is lunik's, and none of an extension's.
function device.is_own(name) return is_own[name] == true end

-- A family of an extension's: a module { doc, once, unique, kinds = a list of names | nil: its own
-- name }; the rows of its kinds are kinds of the same extension's. Without one of them it is none.
local function extended(name)
  local row, why = extensions.row("families", name)
  if not row then return nil, why end
  row.kinds = row.kinds or { name }
  for _, each in ipairs(row.kinds) do
    local own, wrong = extensions.row("kinds", name .. " " .. each)
    if not own then
      return nil, wrong or ("the extension '%s': families '%s': kinds has no { %s = { %s = … } }")
        :format(row.extension, name, name, each)
    end
  end
  return row
end

-- A family: { kinds = names, the first being the default, once, together, doc } | nil, and why,
-- where that is another reason than that there is none.
function device.family(name)
  if is_own[name] and not families[name] then families[name] = require("lunik.device." .. name) end
  if families[name] then return families[name] end
  local family, why = extended(name)
  families[name] = family
  return family, why
end

-- All families, those of extensions last.
function device.all()
  local list = { table.unpack(device.families) }
  for _, name in ipairs(extensions.names "families") do
    if device.family(name) then list[#list + 1] = name end
  end
  return list
end

local function is_in(list, name)
  for _, each in ipairs(list) do
    if each == name then return true end
  end
end

-- All kinds of a family, those of extensions last.
function device.kinds(family)
  local list = { table.unpack(device.family(family).kinds) }
  for _, name in ipairs(extensions.names("kinds", family .. " ")) do
    local added = name:sub(#family + 2)
    if not is_in(list, added) then list[#list + 1] = added end
  end
  return list
end

-- Whether a family has a kind | false, why
function device.has(family, name)
  if is_in(device.family(family).kinds, name) then return true end
  if type(name) ~= "string" then return false end
  local row, why = extensions.row("kinds", family .. " " .. name)
  return row ~= nil, why
end

-- Why what a family's row calls its kinds cannot be their names | nil
local function no_kinds(row)
  if row.kinds == nil then return nil end
  local fits = type(row.kinds) == "table" and #row.kinds > 0
  for _, each in ipairs(fits and row.kinds or {}) do fits = fits and type(each) == "string" end
  return not fits and "its kinds is no list of names" or nil
end

extensions.own("families", function(name) return is_own[name] end, no_kinds)
extensions.own("kinds", function(name)
  local family, added = name:match "^(%S+) (.*)$"
  return is_own[family] and is_in(device.family(family).kinds, added)
end, forked.unfit)

-- Says which other kinds of its family have a field that this one has not | nil
local function elsewhere(family, own, field)
  local owners = {}
  for _, other in ipairs(device.kinds(family)) do
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
  local about = device.family(family)
  local mine = is_own[family] and is_in(about.kinds, name)
  local row = mine and require(("lunik.device.%s.%s"):format(family, name))
    or assert(extensions.row("kinds", family .. " " .. name))
  if not row.known then
    row.family, row.kind, row.known = family, name, { table.unpack(row.fields) }
    local kinds = mine and about.kinds or device.kinds(family)
    if #kinds > 1 then
      table.insert(row.known, { "kind", kind = kind.one_of(kinds), default = name,
        example = row.example or ('kind = "%s"'):format(name), doc = "which kind of " .. family })
    end
    named(row.known)
    row.known.elsewhere = function(field) return elsewhere(family, name, field) end
  end
  return row
end

return device
