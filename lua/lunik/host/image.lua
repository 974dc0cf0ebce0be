-- SPDX-License-Identifier: MIT
-- What the header of a disk image says: its format, how large the guest sees it, and which other
-- files QEMU opens with it. Bytes in, facts out: nothing is believed to be there because a header
-- names it.
local image = {}

local magic = { qcow2 = "QFI\xfb", vmdk = "KDMV", vhdx = "vhdxfile", qed = "QED\0" }

local FIRST = 1 << 16      -- bytes, in which most headers end
local MOST = 2 << 20       -- qcow2's largest cluster, and more than any descriptor of vmdk's
local SECTOR = 512

-- The format that QEMU would see in these first bytes | nil
function image.looks_like(head)
  for name, bytes in pairs(magic) do
    if head:sub(1, #bytes) == bytes then return name end
  end
  if head:find "^[%s\n]*# Disk DescriptorFile" then return "vmdk" end
  return head:sub(0x41, 0x44) == "\x7f\x10\xda\xbe" and "vdi" or nil
end

-- Formats that always begin with bytes of their own.
function image.has_magic(format) return magic[format] ~= nil end

local function number(head, form, offset)
  local last = offset + form:match "%d+$"
  return #head >= last and (form:unpack(head, offset + 1)) or 0
end

local function bytes_at(head, offset, size)
  if offset <= 0 or size <= 0 or offset > #head or size > #head - offset then return nil end
  return head:sub(offset + 1, offset + size)
end

local BACKING_FORMAT, DATA_FILE = 0xe2792aca, 0x44415441

-- The header extensions of a qcow2 image, by their type (docs/interop/qcow2.txt).
local function extensions(head)
  local found = {}
  local at = number(head, ">I4", 4) >= 3 and number(head, ">I4", 100) or 72
  while at >= 72 and at + 8 <= #head do
    local type, size = (">I4I4"):unpack(head, at + 1)
    if type == 0 then break end
    found[type] = bytes_at(head, at + 8, size)
    at = at + 8 + ((size + 7) & ~7)
  end
  return found
end

local readers = {}

function readers.qcow2(head)
  local more, size = extensions(head), number(head, ">I4", 16)
  return { virtual = number(head, ">I8", 24),
    backing = size < 1024 and bytes_at(head, number(head, ">I8", 8), size) or nil,
    backing_format = more[BACKING_FORMAT], data = more[DATA_FILE] }
end

function readers.qed(head)
  local has_backing = number(head, "<I8", 16) & 1 == 1
  return { virtual = number(head, "<I8", 48),
    backing = has_backing and bytes_at(head, number(head, "<I4", 56), number(head, "<I4", 60))
      or nil }
end

-- A vdi or a vhdx image with a parent is refused by QEMU (block/vdi.c:vdi_open,
-- block/vhdx.c:vhdx_parse_metadata), and of a vpc image the parent is not looked at: there is no
-- name in them that QEMU would open.
function readers.vdi(head) return { virtual = number(head, "<I8", 0x170) } end

-- The text that describes a vmdk image: the whole file, or a part of one that holds data.
local function descriptor(head)
  if head:sub(1, 4) ~= magic.vmdk then return head end
  return bytes_at(head, number(head, "<I8", 28) * SECTOR, number(head, "<I8", 36) * SECTOR) or ""
end

-- Extents that are the image itself are not named again.
function readers.vmdk(head)
  local out = { extents = {}, virtual = number(head, "<I8", 12) * SECTOR }
  local alone, sectors = head:sub(1, 4) == magic.vmdk and out.virtual > 0, 0
  for line in descriptor(head):gmatch "[^\r\n%z]+" do
    local size, name = line:match '^%s*%u+%s+(%d+)%s+%u+%s*"?([^"]*)'
    if size and #size < 16 then sectors = sectors + math.tointeger(size) end
    if not alone and name and name ~= "" then out.extents[#out.extents + 1] = name end
    out.backing = out.backing or line:match '^%s*parentFileNameHint%s*=%s*"([^"]+)"'
  end
  if not alone then out.virtual = sectors * SECTOR end
  return out
end

-- How much of the file has to be read for all that its header says.
local function needed(format, head)
  if format == "qcow2" then return 1 << math.min(21, number(head, ">I4", 20)) end
  if format ~= "vmdk" or head:sub(1, 4) ~= magic.vmdk then return FIRST end
  local last = number(head, "<I8", 28) + number(head, "<I8", 36)
  return last >= 0 and last < MOST // SECTOR and last * SECTOR or MOST
end

-- The first bytes of an image, as many as its header takes | nil, why
function image.head(path, format, host)
  local head, why = host.head(path, FIRST)
  if not head then return nil, why end
  local more = needed(format, head)
  if more <= FIRST or #head < FIRST then return head end
  return host.head(path, more)
end

-- What a header says: virtual (bytes, or nil), backing, backing_format, data, extents.
function image.read(format, head)
  return readers[format] and readers[format](head) or {}
end

-- What tells an image from another that lies at its place: format, virtual, bytes, mtime, nanos,
-- inode.
function image.facts(path, format, host)
  local out = host.stamp(path) or {}
  local head = image.head(path, format, host)
  out.format = format
  out.virtual = format == "raw" and out.bytes or head and image.read(format, head).virtual or nil
  return out
end

return image
