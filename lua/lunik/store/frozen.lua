-- SPDX-License-Identifier: MIT
-- The disks of a saved machine belong to it until it goes on: beside each lies a note that says so,
-- and counts as long as the saved machine is there, and has not been used. Once it has, the note
-- says what is to be put into the disk still. Of a machine that was forked and ran on there may be
-- several that stand on its disk.
local core = require "lunik.core"
local durable = require "lunik.store.durable"
local host = require "lunik.host"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"

local frozen = {}

local ONE = { saved = shape.text, id = shape.id }
local FORMS = { saved = shape.text, id = shape.id, over = shape.text,
                also = shape.list(shape.object(ONE, {})) }

local function note(path) return path .. ".frozen" end

local function write(path, found)
  local also = core.json.array {}
  for i, one in ipairs(found.also or {}) do
    also[i] = { id = one.id, saved = portable.text(one.saved) }
  end
  return durable.write(note(path), core.json.encode { lunik = 1, id = found.id,
    saved = portable.text(found.saved), over = found.over and portable.text(found.over),
    also = also[1] and also } .. "\n")
end

-- What is known of a disk | nil
local function read(path, at)
  local there = (at or host).kind(note(path)) == "file"
  local object = there and records.object(note(path))
  local found = object and shape.read(FORMS, object)
  if not found or not found.id then return nil end
  for _, one in ipairs { found, table.unpack(found.also or {}) } do
    if (one.saved or ""):sub(1, 1) ~= "/" then return nil end
  end
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

-- Whether one that is noted is there, and has not gone on.
local function is_there(one, there)
  local record = one.saved .. "/machine.json"
  if there.kind(one.saved .. "/used") or there.kind(record) ~= "file" then return false end
  local machine = records.object(record)
  return machine and machine.generation == one.id or false
end

-- Those of a note that are there, and have not gone on.
local function waiting(found, there)
  local list = {}
  for _, one in ipairs { found, table.unpack(found and found.also or {}) } do
    if is_there(one, there) then list[#list + 1] = { saved = one.saved, id = one.id } end
  end
  return list
end

-- Notes that one more stands on a disk whose machine runs on, and what that writes to: true
-- | nil, why
function frozen.stand(path, dir, id, over)
  return write(path, { saved = dir, id = id, over = over, also = waiting(read(path), host) })
end

-- The same is not so after all, and the machine writes to what it did before, or to the disk
-- itself: true | nil, why
function frozen.stand_off(path, dir, over)
  local left = {}
  for _, one in ipairs(waiting(read(path), host)) do
    if one.saved ~= dir then left[#left + 1] = one end
  end
  local found = read(path)
  if not over or not found then return frozen.thaw(path) end
  local first = table.remove(left, 1) or { saved = dir, id = found.id }
  return write(path, { saved = first.saved, id = first.id, over = over, also = left })
end

-- The folder of the saved machine that a disk of a host's belongs to, `dir` where that is one of
-- several | nil
function frozen.by(path, at, dir)
  local found = read(path, at)
  local list = found and waiting(found, at or host) or {}
  for _, one in ipairs(list) do
    if one.saved == dir then return dir end
  end
  return list[1] and list[1].saved
end

-- What is said of a disk that belongs to what is saved in a folder.
function frozen.told(dir)
  if dir:find "/forked%-%x+$" then return "is free once no clone stands on it any more: " .. dir end
  return ("belongs to the machine saved in %s: lunik restore lets that go on; removing the folder "
    .. "gives it up"):format(dir)
end

-- The image above a disk, whoever stands on that | nil
function frozen.noted(path)
  local found = read(path)
  return found and found.over
end

-- The image above a disk that is to be put into it | nil
function frozen.over(path, at)
  local found = read(path, at)
  local over = found and found.over
  -- what a machine has written that did not go on for good is nobody's
  return over and at.kind(over) == "file" and #waiting(found, at) == 0 and over or nil
end

return frozen
