-- SPDX-License-Identifier: MIT
-- Formats of disk images: told by name, held against the first bytes. lunik never takes
-- a format from the bytes alone: a guest that writes a qcow2 header onto its raw disk
-- could otherwise read any file of the host at the next start. Nor do bytes that a guest
-- wrote take its disk from the owner: only a format that was guessed is questioned by them.
local image = require "lunik.host.image"
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
  if disk.file:find "^/proc/" or disk.file:find "^/sys/" then
    return nil, "file", ("%s is a file of the kernel's, no disk"):format(
      kind.show(context.written.file))
  end
  local head, why = host.head(disk.file, 1 << 16, true)
  if not head then return nil, "file", why end
  local looks = image.looks_like(head)
  if not disk.format then
    return nil, "format", untold(disk) .. (looks and (" (it looks like %s)"):format(looks) or "")
  end
  if image.has_magic(disk.format) and looks ~= disk.format then
    return nil, "format", ("'%s' is not a %s image%s"):format(disk.file:match "[^/]+$", disk.format,
      looks and (", it looks like " .. looks) or "")
  end
  if disk.format == "raw" and looks and not context.written.format then
    return nil, "format", ("'%s' looks like %s: say format = \"%s\", or \"raw\" if it really is")
      :format(disk.file:match "[^/]+$", looks, looks)
  end
  return true
end

return format
