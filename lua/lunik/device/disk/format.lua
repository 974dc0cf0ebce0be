-- SPDX-License-Identifier: MIT
-- Formats of disk images: told by name, held against the first bytes. lunik never takes
-- a format from the bytes alone: a guest that writes a qcow2 header onto its raw disk
-- could otherwise read any file of the host at the next start. Nor do bytes that a guest
-- wrote take its disk from the owner: only a format that was guessed is questioned by them.
local kind = require "lunik.schema.kind"

local format = {
  names = { "qcow2", "raw", "vmdk", "vdi", "vhdx", "vpc", "qed" },
}

local endings = { qcow2 = "qcow2", qcow = "qcow2", raw = "raw", img = "raw", iso = "raw",
  vmdk = "vmdk", vdi = "vdi",
  vhdx = "vhdx", vhd = "vpc", qed = "qed" }

function format.of_name(path)
  return endings[(path:match "%.(%w+)$" or ""):lower()]
end

local magic = { qcow2 = "QFI\xfb", vmdk = "KDMV", vhdx = "vhdxfile", qed = "QED\0" }

local function looks_like(head)
  for name, bytes in pairs(magic) do
    if head:sub(1, #bytes) == bytes then return name end
  end
  return head:sub(0x41, 0x44) == "\x7f\x10\xda\xbe" and "vdi" or nil
end

-- The backing file that a qcow2 header names (docs/interop/qcow2.txt), or nil.
local function backing(head)
  if #head < 20 then return nil end
  local offset, size = (">I8I4"):unpack(head, 9)
  if offset <= 0 or offset > #head or size == 0 or size > 1023 or offset + size > #head then
    return nil
  end
  return head:sub(offset + 1, offset + size)
end

local function missing_base(disk, head, host)
  local base = backing(head)
  if not base or base:find "^json:" or base:find "^[%w+.-]+:" and not base:find "^file:" then
    return nil
  end
  local path = base:gsub("^file:", "")
  if path:sub(1, 1) ~= "/" then path = disk.file:match "^(.*/)" .. path end
  if host.kind(path) then return nil end
  return ("the base image of %s is missing: '%s'"):format(disk.file:match "[^/]+$", base)
end

local function untold(disk)
  return ("cannot be told from the name '%s': say which, such as format = \"raw\""):format(
    disk.file:match "[^/]*$")
end

-- Returns nil, field, why when the file is not what the disk says.
function format.check(disk, context)
  local host = context.host
  if not disk.file then return true end
  if not host.kind(disk.file) then
    if disk.create then
      if not disk.format then return nil, "format", untold(disk) end
      return true
    end
    return nil, "file", kind.no_such("file", context.written.file, disk.file, host)
  end
  -- opening a fifo would wait, and some devices act when they are opened
  local what = host.kind(disk.file)
  if what ~= "file" and what ~= "device" then
    return nil, "file", ("%s is a %s"):format(kind.show(context.written.file), what)
  end
  local head, why = host.head(disk.file, 1 << 16)
  if not head then return nil, "file", why end
  local looks = looks_like(head)
  if not disk.format then
    return nil, "format", untold(disk) .. (looks and (" (it looks like %s)"):format(looks) or "")
  end
  if magic[disk.format] and looks ~= disk.format then
    return nil, "format", ("'%s' is not a %s image%s"):format(disk.file:match "[^/]+$", disk.format,
      looks and (", it looks like " .. looks) or "")
  end
  if disk.format == "raw" and looks and not context.written.format then
    return nil, "format", ("'%s' looks like %s: say format = \"%s\", or \"raw\" if it really is")
      :format(disk.file:match "[^/]+$", looks, looks)
  end
  why = disk.format == "qcow2" and missing_base(disk, head, host)
  if why then return nil, "file", why end
  return true
end

return format
