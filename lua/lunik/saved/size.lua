-- SPDX-License-Identifier: MIT
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"

local BLOCK = 512          -- bytes of what stat(2) counts

-- Bytes that the folder of a saved machine takes of the disk: most of a memory is holes.
return function(folder)
  local bytes = 0
  for _, inner in ipairs { folder, folder .. "/disks" } do
    for _, name in ipairs(stat.lstat(inner) and dirent.dir(inner) or {}) do
      local info = stat.lstat(inner .. "/" .. name)
      local is_file = info and stat.S_ISREG(info.st_mode) ~= 0
      bytes = bytes + (is_file and info.st_blocks * BLOCK or 0)
    end
  end
  return bytes
end
