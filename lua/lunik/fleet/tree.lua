-- SPDX-License-Identifier: MIT
-- Removes a folder of lunik's own with all in it; links are removed, not followed: true | nil, why
local host = require "lunik.host"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local function remove(path)
  for _, name in ipairs(host.list(path)) do
    local one = path .. "/" .. name
    local info = name ~= "." and name ~= ".." and stat.lstat(one)
    if info and stat.S_ISDIR(info.st_mode) ~= 0 then
      remove(one)
    elseif info then
      unistd.unlink(one)
    end
  end
  return unistd.rmdir(path)
end

return remove
