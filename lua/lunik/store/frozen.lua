-- SPDX-License-Identifier: MIT
-- The disks of a saved machine belong to it until it goes on: beside each lies a note that says so,
-- and counts as long as the saved machine is there, and has not been used. Once it has, the note
-- says what is to be put into the disk still.
local core = require "lunik.core"
local durable = require "lunik.store.durable"
local host = require "lunik.host"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"

local frozen = {}

local FORMS = { saved = shape.text, id = shape.id, over = shape.text }

local function note(path) return path .. ".frozen" end

local function write(path, found)
  return durable.write(note(path), core.json.encode { lunik = 1, id = found.id,
    saved = portable.text(found.saved), over = found.over and portable.text(found.over) } .. "\n")
end

-- What is known of a disk | nil
local function read(path, at)
  local there = (at or host).kind(note(path)) == "file"
  local object = there and records.object(note(path))
  local found = object and shape.read(FORMS, object)
  if not found or not found.id then return nil end
  if (found.saved or ""):sub(1, 1) ~= "/" then return nil end
  return found
end

-- Notes it beside images that are the user's own: true | nil, why
function frozen.mark(paths, dir, id)
  for _, path in ipairs(paths) do
    local ok, why = write(path, { saved = dir, id = id })
    if not ok then return nil, why end
  end
  return true
end

-- Notes that what belongs to a disk is above it: true | nil, why
function frozen.is_under(path, one, over)
  return write(path, { saved = one.dir, id = one.generation, over = over })
end

-- The disk is whole by itself: true | nil, why
function frozen.thaw(path) return durable.remove(note(path)) end

-- Takes the notes of a saved machine away that is none after all.
function frozen.release(paths, dir)
  for _, path in ipairs(paths) do
    local found = read(path)
    if found and found.saved == dir and not found.over then frozen.thaw(path) end
  end
end

-- Whether the saved machine of a note is there, and has not gone on.
local function waits(found, there)
  local record = found.saved .. "/machine.json"
  if there.kind(found.saved .. "/used") or there.kind(record) ~= "file" then return false end
  local machine = records.object(record)
  return machine and machine.generation == found.id or false
end

-- The folder of the saved machine that a disk of a host's belongs to | nil
function frozen.by(path, at)
  local found = read(path, at)
  return found and waits(found, at or host) and found.saved or nil
end

-- The image above a disk that is to be put into it | nil
function frozen.over(path, at)
  local found = read(path, at)
  local over = found and found.over
  -- what a machine has written that did not go on for good is nobody's
  return over and at.kind(over) == "file" and not waits(found, at) and over or nil
end

return frozen
