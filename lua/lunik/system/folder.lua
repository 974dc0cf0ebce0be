-- SPDX-License-Identifier: MIT
-- Opens directories that lunik keeps something in: below the folder that a user or the system
-- named, no symbolic link is followed, and on the way there none that another user may have put.
local core = require "lunik.core"
local errno = require "posix.errno"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local folder = {}

local LINKS = 40           -- as many as the kernel follows
local SHARED = mode.sticky | mode.written_by_all

function folder.parent(path)
  return path:match "^(.+)/[^/]+$" or "/"
end

-- The kernel's own rule, which fs.protected_symlinks = 0 takes away: in a directory that
-- everybody may write to, a link counts if it is ours or of the directory's owner.
local function planted(link, above)
  if above.st_mode & SHARED ~= SHARED then return false end
  return link.st_uid ~= unistd.geteuid() and link.st_uid ~= above.st_uid
end

-- The path without symbolic links, as far as it is there | nil, why, errno
local function resolve(path, base, count)
  local real = path:sub(1, 1) == "/" and "" or base
  for name in path:gmatch "[^/]+" do
    local at = real .. "/" .. name
    local info = stat.lstat(at)
    if name == ".." then
      real = real:match "^(.*)/[^/]*$" or ""
    elseif info and stat.S_ISLNK(info.st_mode) ~= 0 then
      local above = stat.stat(real == "" and "/" or real)
      if count > LINKS or not above or planted(info, above) then
        return nil, ("%s: a symbolic link of user %d"):format(at, info.st_uid), errno.ELOOP
      end
      local why, code
      real, why, code = resolve(unistd.readlink(at) or "", real, count + 1)
      if not real then return nil, why, code end
    elseif name ~= "." then
      real = at
    end
  end
  return real
end

-- The first of the last `depth` components of a path that is a link.
local function link_in(path, depth)
  local found
  for _ = 1, depth do
    local info = stat.lstat(path)
    if info and stat.S_ISLNK(info.st_mode) ~= 0 then found = path end
    path = folder.parent(path)
  end
  return found
end

-- Looks at a directory, or makes it with `make`: { uid, mode, made } | nil, why, errno. Its last
-- `depth` components are lunik's own, and no links.
function folder.look(path, depth, make)
  local info, why, code = core.folder.look(path, make)
  if code ~= errno.ELOOP then return info, why, code end
  local trunk = path
  for _ = 1, depth do trunk = folder.parent(trunk) end
  local real
  real, why, code = resolve(trunk, "", 0)
  if not real then return nil, why, code end
  info, why, code = core.folder.look(real .. path:sub(trunk == "/" and 1 or #trunk + 1), make)
  if code ~= errno.ELOOP then return info, why, code end
  return nil, (link_in(path, depth) or path) .. ": a symbolic link", code
end

return folder
