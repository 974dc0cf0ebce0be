-- SPDX-License-Identifier: MIT
-- What may lie in a drive: a file or a block device of the host, read as it is.
local image = require "lunik.host.image"
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local medium = { kind = kind.path "file" }

-- Whether the file can be a medium: true | nil, why. `shown` is the path as it was written.
function medium.check(path, shown, host)
  local what = host.kind(path)
  -- opening a fifo would wait, and some devices act when they are opened
  if what ~= "file" and what ~= "device" then
    return nil, ("%s is a %s"):format(kind.show(shown), what)
  end
  local head, why = host.head(path, 1 << 16, true)
  if not head then return nil, why end
  local looks = image.looks_like(head)
  if not looks then return true end
  return nil, ("%s looks like %s, and is no CD-ROM's image: disk { file = … } takes it"):format(
    kind.show(shown), looks)
end

-- The node of QEMU's that a drive reads: raw, whatever the bytes say, and never written.
function medium.node(name, path, host)
  return qemu.blockdev { driver = "raw", ["node-name"] = name, ["read-only"] = true,
    ["file.driver"] = host.kind(path) == "device" and "host_device" or "file",
    ["file.filename"] = path, ["file.read-only"] = true }
end

return medium
