-- SPDX-License-Identifier: MIT
-- Whether who serves a share may make files in its directory. The kernel is asked, and nothing is
-- made. An ordinary user's daemon is root of its own user namespace (lunik.process.idmap): whatever
-- the mode says, it may write where both owners are users of that namespace.
local errno = require "posix.errno"
local host = require "lunik.host"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local function holds(range, id)
  return range and id >= range.first and id < range.first + range.count
end

local function is_ours(path)
  local found, ids = stat.stat(path), host.subids() or {}
  return found and (found.st_uid == host.uid or holds(ids.uid, found.st_uid))
         and (found.st_gid == unistd.getegid() or holds(ids.gid, found.st_gid))
end

-- True where that is not known, too: a directory that has gone, say.
return function(share)
  local ok, _, code = unistd.access(share.from, "w")
  if ok or code ~= errno.EACCES and code ~= errno.EPERM and code ~= errno.EROFS then return true end
  return code == errno.EACCES and share.daemon and host.uid ~= 0 and is_ours(share.from) or false
end
