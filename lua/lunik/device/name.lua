-- SPDX-License-Identifier: MIT
-- Ids and tags from what the user wrote, when none was given.
local name = {}

-- The last part of a path, without its ending, as an id QEMU takes.
function name.from_path(path, most)
  local base = path:match "([^/]+)/*$" or "root"
  base = base:gsub("(.)%.[%w]+$", "%1"):gsub("[^%w._-]", "-")
  if not base:find "^%a" then base = "d" .. base end
  return base:sub(1, most)
end

-- FNV-1a, 32 bits.
function name.hash(text)
  local hash = 0x811c9dc5
  for i = 1, #text do hash = ((hash ~ text:byte(i)) * 0x01000193) & 0xffffffff end
  return hash
end

-- A stable, locally administered address in QEMU's own range, from a text.
function name.mac(text)
  local hash = name.hash(text)
  return ("52:54:00:%02x:%02x:%02x"):format(hash >> 16 & 255, hash >> 8 & 255, hash & 255)
end

-- The id of one that nobody has named, by its number among the like of it: "usb-1" at the start
-- of a machine, "usb-p1" while it runs. The doc of such a field says the same.
function name.numbered(prefix, context) return prefix .. "-" .. context.index end

function name.numbered_doc(prefix)
  return ("%s-1, %s-2, … in order; %s-p1, … while the machine runs"):format(prefix, prefix, prefix)
end

return name
