-- SPDX-License-Identifier: MIT
-- FIELD=VALUE, for completion: the machine's own fields, those of a device that is plugged, and
-- what QEMU calls the properties of one.
local device = require "lunik.device"
local host = require "lunik.host"
local option = require "lunik.hotplug.option"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"

local fields = {}

local PATHS = { path = true, files = true, ["bool|path"] = true }
local TRUTH = { bool = { "true", "false" }, on_off = { "on", "off" },
                on_off_or = { "on", "off" } }

-- What the QEMU of this host knows | nil
local function knowledge()
  local binary = host.program("qemu-system-" .. host.arch)
  return binary and require "lunik.host.caps"(binary) or nil
end

-- The names that it has of a kind.
function fields.known(kind)
  local caps = knowledge()
  return caps and caps:names(kind) or {}
end

-- Fields whose values QEMU knows, and what it has them as.
local KNOWN = { type = "machine", cpu = "cpu" }

-- The values that a kind tells of.
local function offer_values(at, name, kind)
  at.prefix = name .. "="
  for _, list in ipairs { kind.names or {}, TRUTH[kind.name] or {} } do
    for _, word in ipairs(list) do at:add(word) end
  end
  if PATHS[kind.name] then at:paths "files" end
end

-- "driver=virtio-rng-pci" among the words that are there: its value
local function said(at, name)
  for _, word in ipairs(at.positional) do
    local value = word:match("^" .. name .. "=(.*)$")
    if value then return value end
  end
end

-- Names with "=", but those that are there, or the values of the one that is being typed. `rows`
-- are { name, kind, doc }.
local function offer(at, rows)
  local typed = at.word:match "^([%w_.-]+)="
  for _, row in ipairs(rows) do
    if typed == row.name then return offer_values(at, typed, row.kind) end
  end
  for _, row in ipairs(rows) do
    if not typed and not said(at, row.name) then at:add(row.name .. "=", row.doc) end
  end
end

function fields.of_machine(at)
  local rows = {}
  for i, row in ipairs(require "lunik.machine.scalar") do
    local name = row[1]
    local names = KNOWN[name] and at.word:find("^" .. name .. "=") and fields.known(KNOWN[name])
    rows[i] = { name = name, doc = row.doc, kind = names and { names = names } or row.kind }
  end
  offer(at, rows)
end

-- The devices that users make, by the names that QEMU has for them.
local function drivers()
  local caps, list = knowledge(), {}
  for _, name in ipairs(caps and caps:names "device" or {}) do
    local head = (caps:section("device", name) or {})[1]
    if head and head[4] == "yes" then list[#list + 1] = name end
  end
  return list
end

-- The properties of a driver, as rows.
local function properties(kind, name)
  local caps, rows = knowledge(), {}
  local found = caps and caps:properties(kind, name) or {}
  for _, key in ipairs(sorted(found)) do
    local _, type, _, choices, doc = table.unpack(found[key])
    local words = {}
    for word in (choices or ""):gmatch "[^|]+" do words[#words + 1] = word end
    if key:sub(1, 2) ~= "x-" then
      rows[#rows + 1] = { name = key, doc = doc ~= "" and doc or type,
                          kind = { name = type, names = #words > 0 and words or nil } }
    end
  end
  return rows
end

-- The names that an option takes first: drivers, backends, types.
local function firsts(name, row)
  if name == "device" then return drivers() end
  local known = fields.known(name)
  return #known > 0 and known or sorted(row.by or {})
end

-- The keys of one of QEMU's options, of the form that was named.
local function keys_of(at, name)
  local row = qemu.rows[name]
  local form = said(at, row.implied)
  local rows = { { name = row.implied, doc = "what it is",
                   kind = { name = "one_of", names = not form and firsts(name, row) or nil } } }
  for _, list in ipairs { row.keys or {}, row.by and row.by[form] or {} } do
    for _, key in ipairs(list) do
      if key[1] ~= row.implied and not key[1]:find("*", 1, true) then
        rows[#rows + 1] = { name = key[1], kind = key.kind or {}, doc = key.doc }
      end
    end
  end
  if form and (name == "device" or name == "object") then
    table.move(properties(name, form), 1, 1000, #rows + 1, rows)
  end
  return rows
end

-- Of what lunik plug is about: the word before the fields is its family.
function fields.of_device(at)
  local family
  for _, word in ipairs(at.positional) do
    family = (device.family(word) or qemu.rows[word]) and not word:find "=" and word or family
  end
  if not family then return end
  if not device.family(family) or option.is(family) then
    return offer(at, keys_of(at, family))
  end
  local kind = said(at, "kind") or device.family(family).kinds[1]
  if device.has(family, kind) then offer(at, device.row(family, kind).known) end
end

return fields
