-- SPDX-License-Identifier: MIT
-- Ids: defined twice, referred to and not there, used by two, used by nobody. A -readconfig may
-- define what is not seen here.
local device = require "lunik.verify.device"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local together = require "lunik.qemu.together"

-- Options that other options or devices refer to, and that are idle without.
local idle = { netdev = "netdev", chardev = "chardev", drive = "drive", node = "blockdev",
  fsdev = "fsdev", audiodev = "audiodev", tpmdev = "tpmdev" }

local function list_of(line)
  local list = {}
  for _, entry in ipairs(line) do
    if entry.args and entry.row then
      list[#list + 1] = { row = entry.row, args = entry.args, entry = entry }
    end
  end
  return list
end

-- What a reference of a device leads to, by its property: { key, space, id }.
local function uses_of(entry, known)
  local uses, name = {}, device.driver(entry)
  local rows = known and name and known:properties("device", name) or {}
  for key, id in pairs(entry.args) do
    local row = type(key) == "string" and type(id) == "string" and rows[key]
    local about = row and row[5] or ""
    local space = about:find "^Node name or ID of a block" and "drive"
      or about:match "^ID of an? (%l+) to use as a backend"
    if space == "tpm" then space = "tpmdev" end
    if row and row[2]:find "^link<" and (row[2]:find "backend" or row[2]:find "iothread") then
      space = "object"
    end
    if key == "fsdev" then space = "fsdev" end
    if space then uses[#uses + 1] = { key, space, id } end
  end
  table.sort(uses, function(a, b) return a[1] < b[1] end)
  return uses
end

-- Ids by name space: { space = { id = entry } }.
local function defined_by(line)
  local spaces = {}
  for _, entry in ipairs(line) do
    local space = entry.row and entry.row.defines
    local id = space and entry.args and line.value(entry, entry.row.id or "id")
    if type(id) == "string" then
      spaces[space] = spaces[space] or {}
      spaces[space][id] = spaces[space][id] or entry
    end
  end
  return spaces
end

-- Backends that one device alone can have.
local alone = { netdev = true, chardev = true, drive = true }

local function is_mux(entry)
  local mux = entry.args.mux
  return mux == true or mux == "on" or entry.form == "mux"
end

local function is_shared(one, other)
  local function on(entry) return entry.args["share-rw"] == true or entry.args["share-rw"] == "on"
    or entry.args.share_rw == true end
  return on(one) and on(other)
end

-- A drive with an interface has a device of its own.
local function attached(definition, report)
  local kind = definition.name == "drive" and (definition.args["if"] or "ide")
  if kind and kind ~= "none" then
    report:add(definition, "if", "already-used",
      ("the board attaches the drive itself, by if=%s; did you mean 'none'?"):format(kind))
  end
end

local function used_twice(use, entry, before, definition, report)
  local space, id = use[2], use[3]
  if space == "chardev" and is_mux(definition) then return end
  if space == "drive" and definition.name == "blockdev" and is_shared(entry, before) then return end
  report:add(entry, use[1], "already-used", ("%s '%s' is already used by %s%s"):format(
    definition.name, id, device.driver(before) or before.name,
    definition.form == "socket" and "; each device has a socket of its own" or ""))
end

-- Flash of the board: properties of the machine that name block nodes.
local function flash(line, add)
  for _, entry in ipairs(line:all "machine") do
    for key, id in pairs(entry.args or {}) do
      if type(key) == "string" and key:find "^pflash%d$" and type(id) == "string" then
        add("node", id, entry, key)
      end
    end
  end
end

-- Options that use a character backend, beside devices.
local function other_users(line, add)
  for _, entry in ipairs(line) do
    local text = entry.text
    local id = text and (entry.name == "serial" or entry.name == "parallel"
      or entry.name == "monitor" or entry.name == "qmp" or entry.name == "debugcon"
      or entry.name == "gdb" or entry.name == "qmp-pretty") and text:match "^chardev:([^,]+)"
    if id then add("chardev", id, entry, 1) end
  end
end

-- Properties of the machine that name an audio backend.
local function sound(line, add)
  for _, entry in ipairs(line:all "machine") do
    for key, id in pairs(entry.args or {}) do
      if type(key) == "string" and key:find "audiodev$" and type(id) == "string" then
        add("audiodev", id, entry, key)
      end
    end
  end
end

local function every_reference(line, add)
  for _, entry in ipairs(line) do
    local form = entry.form
    if entry.args and entry.row and entry.name ~= "device" and keys.refers(entry.row, form) then
      for _, pair in ipairs(flat.pairs(entry.row, entry.args)) do
        local found = keys.find(entry.row, form, keys.spelling(entry.row, form, pair[1]))
        local space = found and (found.ref or found.kind.ref)
        if space and type(pair[2]) == "string" then add(space, pair[2], entry, pair[1]) end
      end
      local implied = entry.row.implied and keys.find(entry.row, form, entry.row.implied)
      if implied and implied.ref and type(entry.args[1]) == "string" then
        add(implied.ref, entry.args[1], entry, entry.row.implied)
      end
    end
  end
  other_users(line, add)
  flash(line, add)
  sound(line, add)
end

-- What a property of the machine, or -set, names and nobody defines.
local function dangling(line, spaces, users, report)
  for id, list in pairs(users.audiodev or {}) do
    local entry, key = list[1].entry, list[1].key
    if entry.name == "machine" and not (spaces.audiodev or {})[id] then
      report:add(entry, key, "dangling-reference", ("no audiodev has the id '%s'%s"):format(id,
        suggest.hint_or_all(id, sorted(spaces.audiodev or {}), 8)))
    end
  end
  for _, entry in ipairs(line:all "set") do
    local group, id = tostring(entry.text or ""):match "^([^.=]+)%.([^.=]+)%.[^=]+="
    local ids = {}
    for _, other in ipairs(group and line:all(group) or {}) do
      local own = other.args and other.args.id
      if type(own) == "string" then ids[own] = true end
    end
    if group and not ids[id] then
      report:add(entry, id, "dangling-reference", ("no %s before it has the id '%s'%s"):format(
        group, id, suggest.hint_or_all(id, sorted(ids), 8)))
    end
  end
end

local function follow(line, report)
  local spaces, users = defined_by(line), {}
  local function add(space, id, entry, key)
    if space == "node" and not (spaces.node or {})[id] then space = "drive" end
    if space == "drive" and not (spaces.drive or {})[id] then space = "node" end
    users[space] = users[space] or {}
    users[space][id] = users[space][id] or {}
    table.insert(users[space][id], { entry = entry, key = key })
    return (spaces[space] or {})[id]
  end
  for _, entry in ipairs(line:all "device") do
    for _, use in ipairs(entry.args and uses_of(entry, line.known) or {}) do
      local definition = add(use[2], use[3], entry, use[1])
      if use[2] == "drive" and definition then attached(definition, report) end
      local before = alone[use[2]] and definition and users[use[2]] and users[use[2]][use[3]]
      if before and #before > 1 and before[1].entry ~= entry then
        used_twice(use, entry, before[1].entry, definition, report)
      end
    end
  end
  every_reference(line, add)
  return spaces, users
end

-- A drive with an interface of its own is attached; what nothing refers to is idle.
local function unused(spaces, users, report)
  for space, option in pairs(idle) do
    for id, entry in pairs(spaces[space] or {}) do
      local own = space == "drive" and entry.args["if"] ~= "none"
      if not own and entry.name == option and not (users[space] or {})[id] then
        report:add(entry, entry.row.id or "id", "unused", ("%s '%s' is not used by any device")
          :format(option, id))
      end
    end
  end
end

-- Drives and block nodes share their names.
local function both(spaces, report)
  for id, entry in pairs(spaces.drive or {}) do
    local node = (spaces.node or {})[id]
    if node then
      report:add(entry, "id", "duplicate-id", ("'%s' is also a block node's node-name"):format(id))
    end
  end
end

return function(line, report)
  together.check(list_of(line), function(entry, key, why, _, code)
    report:add(entry.entry, type(key) == "string" and key or nil, code, why)
  end, line.open)
  local spaces, users = follow(line, report)
  both(spaces, report)
  if not line.open then dangling(line, spaces, users, report) end
  if not line.open and #line.qmp == 0 then unused(spaces, users, report) end
end
