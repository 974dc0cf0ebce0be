-- SPDX-License-Identifier: MIT
-- The overlays that a machine keeps its writes in, written down in its state directory: they lie
-- where the user wanted them, and are asked for when the machine is removed.
local core = require "lunik.core"
local host = require "lunik.host"
local image = require "lunik.host.image"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local overlays = {}

local HEADER = 1 << 16
local FORMS = { overlays = shape.list(shape.text) }

local function file(state) return state .. "/overlays.json" end

-- The absolute paths that are written down, whatever lies there by now.
function overlays.read(state)
  local object = records.object(file(state))
  local list, found = object and shape.read(FORMS, object).overlays or {}, {}
  for _, path in ipairs(list) do
    if path:sub(1, 1) == "/" then found[#found + 1] = path end
  end
  return found
end

-- Writes down a file of a plan that has just been made, or was there, if it is one of them:
-- true | nil, why
function overlays.note(plan, made)
  if not plan.kept or not made.keep or made.kind ~= "overlay" then return true end
  local list = overlays.read(plan.state)
  for _, path in ipairs(list) do
    if path == made.path then return true end
  end
  list[#list + 1] = made.path
  local texts = core.json.array {}
  for i, path in ipairs(list) do texts[i] = portable.text(path) end
  return records.write(file(plan.state),
                       core.json.encode { lunik = 1, overlays = texts } .. "\n")
end

-- Why a path that was written down is none of lunik's overlays: it has another kind of file, or no
-- memory of its base beside it (lunik.process.files) | nil
local function foreign(path, info)
  if stat.S_ISREG(info.st_mode) == 0 then return "is no file" end
  local head = host.head(path, HEADER) or ""
  local said = image.looks_like(head) == "qcow2" and image.read("qcow2", head)
  if not said or not said.backing then return "is no overlay" end
  if host.kind(path .. ".base") ~= "file" then return "is an overlay that lunik has not made" end
end

-- What lies at such a path: { path, size, why = why it is not lunik's to remove | nil } | nil
function overlays.look(path)
  local info = stat.lstat(path)
  return info and { path = path, size = info.st_size, why = foreign(path, info) }
end

-- Removes one, and what was known of its base: true | nil, why
function overlays.remove(path)
  local ok, why = unistd.unlink(path)
  if not ok then return nil, "remove " .. why end
  unistd.unlink(path .. ".base")
  return true
end

return overlays
