-- SPDX-License-Identifier: MIT
-- An overlay, held against the image under it. It holds what differs: over another base it is
-- rubbish, and a smaller one cuts the base's end off; QEMU would not say so. What was known of the
-- base when lunik made one that is kept lies beside it (lunik.process.files).
local core = require "lunik.core"
local image = require "lunik.host.image"
local kind = require "lunik.schema.kind"

local overlay = {}

local function named(path) return kind.show(path:match "[^/]*$") end

local function header(disk, host)
  local what = host.kind(disk.overlay)
  if what ~= "file" and what ~= "device" then
    return nil, ("%s is a %s"):format(named(disk.overlay), what)
  end
  local head, why = image.head(disk.overlay, "qcow2", host)
  if not head then return nil, why end
  if image.looks_like(head) ~= "qcow2" then
    return nil, ("%s is there, and is not a qcow2 image"):format(named(disk.overlay))
  end
  local said = image.read("qcow2", head)
  if said.backing then return said end
  return nil, ("%s is there, and has no base image"):format(named(disk.overlay))
end

-- Whether the overlay's header means this base: true | nil, field, why
local function same_base(disk, said, host)
  local base = said.backing:gsub("^file:", "")
  if base:sub(1, 1) ~= "/" then base = disk.overlay:match "^(.*/)" .. base end
  if host.real(base) ~= disk.file then
    return nil, "file", ("%s was made over %s: name that one, or another overlay"):format(
      named(disk.overlay), kind.show(said.backing))
  end
  if said.backing_format and said.backing_format ~= disk.format then
    return nil, "format", ("%s was made over a base of the format %s, not %s"):format(
      named(disk.overlay), kind.show(said.backing_format), disk.format)
  end
  return true
end

-- What was known of the base, by the fields of lunik.host.image: a table, {} where nothing was.
local function remembered(disk, host)
  local path = disk.overlay .. ".base"
  if host.kind(path) ~= "file" then return {} end
  local text = host.contents(path, 1 << 16)
  local known = text and core.json.decode(text)
  if type(known) == "table" then return known end
  return {}, ("disk %s: %s cannot be read, so its base is not held against it"):format(disk.id,
    named(path))
end

local function size(bytes)
  return math.type(bytes) == "integer" and bytes > 0 and kind.size.text(bytes) or tostring(bytes)
end

-- What cannot be the base that it was: field and why | nil
local function another(disk, known, now)
  local over = ("%s is not what %s was made over: "):format(named(disk.file), named(disk.overlay))
  if known.format and known.format ~= now.format then
    return "format", over .. ("its format was %s"):format(kind.show(known.format))
  elseif known.virtual and now.virtual and known.virtual ~= now.virtual then
    return "file", over .. ("the guest saw %s, now %s"):format(size(known.virtual),
      size(now.virtual))
  elseif math.type(known.bytes) == "integer" and now.bytes and now.bytes < known.bytes then
    return "file", over .. ("the file had %s, now %s"):format(size(known.bytes), size(now.bytes))
  end
end

-- Whether both are known and not the same.
local function differs(known, now, field)
  return known[field] and now[field] and known[field] ~= now[field]
end

-- What may well be another base: a copy or a restored file is a new one as well.
local function doubtful(disk, known, now)
  local written = differs(known, now, "mtime") or differs(known, now, "nanos")
  local changed = written and "was written" or differs(known, now, "inode") and "is another file"
  return changed and ("disk %s: %s %s since %s was made over it; unless it is the same, the guest "
    .. "sees rubbish"):format(disk.id, named(disk.file), changed, named(disk.overlay))
end

-- Whether one that is to be made has room for all of its base: true | nil, field, why
local function is_large_enough(disk, host)
  local now = disk.size and image.facts(disk.file, disk.format, host) or {}
  if not now.virtual or now.virtual <= disk.size then return true end
  return nil, "size", ("%s is less than the %s of %s: the guest would miss its end"):format(
    size(disk.size), size(now.virtual), named(disk.file))
end

-- Holds a disk's overlay against its base, and one that is not there yet by its size: true | nil,
-- field, why. What is only doubtful becomes disk.doubt.
function overlay.check(disk, host)
  if type(disk.overlay) ~= "string" or not host.kind(disk.overlay) then
    return is_large_enough(disk, host)
  end
  local said, why = header(disk, host)
  if not said then return nil, "overlay", why end
  local ok, field
  ok, field, why = same_base(disk, said, host)
  if not ok then return nil, field, why end
  local known, doubt = remembered(disk, host)
  local now = image.facts(disk.file, disk.format, host)
  field, why = another(disk, known, now)
  if field then return nil, field, why end
  disk.doubt = doubt or doubtful(disk, known, now) or nil
  return true
end

return overlay
