-- SPDX-License-Identifier: MIT
-- What has been done in the guest of a machine once and for all, written down in its state
-- directory: for one disk, since another knows nothing of it. Of a command only its digest is kept.
local core = require "lunik.core"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local stat = require "posix.sys.stat"

local provisioned = {}

local FORMS = { disk = shape.text, steps = shape.list(shape.text) }

-- FNV-1a, 64 bits: it tells two steps of a recipe apart, and nothing more is asked of it.
function provisioned.digest(text)
  local hash = 0xcbf29ce484222325
  for at = 1, #text do hash = (hash ~ text:byte(at)) * 0x100000001b3 end
  return ("%016x"):format(hash)
end

-- What a disk is known by | nil where it is not there
local function identity(disk)
  local info = stat.stat(disk)
  return info and ("%d:%d:%s"):format(info.st_dev, info.st_ino, disk)
end

-- The steps that have been done on a disk: a set of digests, empty for another disk.
function provisioned.read(path, disk)
  local object = records.object(path)
  local found = object and shape.read(FORMS, object)
  local done = {}
  if not found or found.disk ~= identity(disk) then return done end
  for _, step in ipairs(found.steps or {}) do done[step] = true end
  return done
end

-- Writes down which have been done by now: true | nil, why
function provisioned.write(path, disk, done)
  local list = core.json.array {}
  for step in pairs(done) do list[#list + 1] = step end
  table.sort(list)
  return records.write(path, core.json.encode { lunik = 1, disk = identity(disk),
                                                steps = list } .. "\n")
end

return provisioned
