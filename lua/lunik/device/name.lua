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

return name
