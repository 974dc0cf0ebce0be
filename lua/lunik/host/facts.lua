-- SPDX-License-Identifier: MIT
-- What can be read of the host without running anything on it: files, programs, users, folders.
local core = require "lunik.core"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local facts = {}

-- What is at `path`: "file", "directory", "device" …, or nil.
function facts.kind(path)
  local found = stat.stat(path)
  return file.kind(found)
end

-- The path without symbolic links; of what is not there, as much as is.
function facts.real(path)
  local real = stdlib.realpath(path)
  if real then return real end
  local folder, base = path:match "^(.*)/([^/]+)/*$"
  if not folder then return path end
  return (folder == "" and "" or facts.real(folder):gsub("/$", "")) .. "/" .. base
end

-- Without waiting for whatever is there, and for nothing but its bytes.
local flags = fcntl.O_RDONLY | fcntl.O_NONBLOCK | fcntl.O_NOCTTY | fcntl.O_CLOEXEC

local PIECE = 1 << 16      -- bytes at a time: room for them is made before they are there

local function read(fd, most)
  local parts, got = {}, 0
  while got < most do
    local part, why, code = unistd.read(fd, math.min(most - got, PIECE))
    if part == "" then break end
    if part then
      parts[#parts + 1], got = part, got + #part
    elseif code ~= errno.EINTR then
      return nil, why
    end
  end
  return table.concat(parts)
end

local function beginning(fd, path, most, sized)
  local found = stat.fstat(fd)
  local what = file.kind(found)
  if what ~= "file" and what ~= "device" then return nil, file.no_file(path, what) end
  if what == "file" and found.st_size == 0 and sized then return "" end
  local bytes, why = read(fd, most)
  return bytes, why and path .. ": " .. why
end

-- The first `most` bytes of a file or a block device, or nil and why. Nothing else is read, nor
-- waited for. `sized`: nor what says that it is empty, as files of the kernel do: to read
-- /proc/kmsg is to take it away.
function facts.head(path, most, sized)
  local fd, why = fcntl.open(path, flags)
  if not fd then return nil, why end
  local bytes
  bytes, why = beginning(fd, path, most, sized)
  unistd.close(fd)
  return bytes, why
end

-- What changes when another file comes to a place: bytes, mtime, its nanos, inode | nil. Of a
-- device only how large it is: the others say nothing about what is on it.
function facts.stamp(path)
  local found = stat.stat(path)
  if not found then return nil end
  if stat.S_ISBLK(found.st_mode) == 0 then
    local _, nanos = core.folder.changed(path, true)
    return { bytes = found.st_size, mtime = found.st_mtime, nanos = nanos, inode = found.st_ino }
  end
  local device <close> = io.open(path, "rb")
  return { bytes = device and device:seek "end" }
end

-- A whole regular file of at most `most` bytes | nil, why, errno
function facts.contents(path, most)
  local fd, why, code = file.open(path, fcntl.O_RDONLY)
  if not fd then return nil, why, code end
  local text
  text, why = beginning(fd, path, most + 1)
  unistd.close(fd)
  if text and #text > most then return nil, ("%s: larger than %d bytes"):format(path, most) end
  return text, why
end

-- The text of a file of options, as -readconfig reads it | nil, why
function facts.options(path) return facts.contents(path, 1 << 20) end

-- The text of a lock that lies beside a recipe | nil where there is none | nil, why
function facts.lock(path, most)
  local text, why, code = facts.contents(path, most)
  return text, code ~= errno.ENOENT and why or nil
end

-- The names in a folder, unsorted; {} when it cannot be read.
function facts.list(folder)
  local ok, names = pcall(require "posix.dirent".dir, folder)
  return ok and names or {}
end

-- Whether this user may do something with what is at `path`: "r", "w", "x", or several of them.
function facts.may(path, how) return unistd.access(path, how) ~= nil end

-- Whose it is, and its permissions: { uid, mode } | nil
function facts.owner(path)
  local found = stat.stat(path)
  return found and { uid = found.st_uid, mode = found.st_mode & 4095 } or nil
end

-- Environment variables, except those the loader put there.
function facts.env(name) return os.getenv(name) end

-- Whether this user may do with a path what `how` says ("r", "w", "x"): true | nil, why
function facts.access(path, how)
  local ok, why = unistd.access(path, how)
  if ok then return true end
  return nil, (why:match "([^:]*)$":gsub("^ ", ""))
end

-- Bytes that this user can still write where a path is, or would be | nil
function facts.room(path)
  local found = require "posix.sys.statvfs".statvfs(path)
  return found and found.f_bavail * found.f_frsize
end

-- Whether there is a user of that name, or number.
function facts.is_user(name)
  local number = math.tointeger(tonumber(name))
  return number ~= nil or require "posix.pwd".getpwnam(name) ~= nil
end

-- Whether this process has a descriptor of that number, which a program started by it may be given.
function facts.is_open(number) return fcntl.fcntl(number, fcntl.F_GETFD) ~= nil end

-- The absolute path of a program by PATH, or nil.
function facts.program(name)
  if name:find "/" then return unistd.access(name, "x") and name or nil end
  for folder in (os.getenv "PATH" or "/usr/bin:/bin"):gmatch "[^:]+" do
    local path = folder .. "/" .. name
    if unistd.access(path, "x") and facts.kind(path) == "file" then return path end
  end
end

local function xdg(variable, fallback)
  local value = os.getenv(variable)
  return value and value:sub(1, 1) == "/" and value or fallback
end

-- Why a folder is no place for what runs | nil. One that is missing may be made, where that is
-- possible; a file in its place is for whoever makes it to complain of.
local function unusable(path, uid)
  local info, why = stat.stat(path)
  if not info then
    local above = path
    repeat above = above:match "^(.+)/[^/]*$" or "/" until above == "/" or stat.stat(above)
    return not unistd.access(above, "wx") and "no such directory" or nil
  end
  if info.st_uid ~= uid then return ("belongs to user %d"):format(info.st_uid) end
  if stat.S_ISDIR(info.st_mode) == 0 then return nil end
  if not unistd.access(path, "rwx") then why = select(2, unistd.access(path, "rwx")) end
  return why and why:match "[^:]*$":gsub("^ ", "")
end

local function fallback(uid)
  if uid == 0 then return "/run/lunik" end
  local systemd = ("/run/user/%d"):format(uid)
  if stat.stat(systemd) and not unusable(systemd, uid) then return systemd .. "/lunik" end
  return "/tmp/lunik-" .. uid
end

-- The folder of what runs. Where the one that is given cannot be used, facts.runtime_note says so.
local function runtime(uid)
  local given = os.getenv "XDG_RUNTIME_DIR"
  if not given or given == "" then return fallback(uid) end
  local why = given:sub(1, 1) ~= "/" and "not an absolute path" or unusable(given, uid)
  if not why then return given .. "/lunik" end
  local instead = fallback(uid)
  rawset(facts, "runtime_note", ("XDG_RUNTIME_DIR is %s: %s; what runs is kept in %s")
    :format(given, why, instead))
  return instead
end

local function passwd() return require "posix.pwd".getpwuid(unistd.geteuid()) end

local function home()
  local given = os.getenv "HOME"
  if given and given ~= "" then return given end
  local entry = passwd()
  return entry and entry.pw_dir or "/"
end

-- The hard limits of this process, as getrlimit(2) has them: { files, size }, nil where there is
-- none.
local function limits()
  local text = facts.head("/proc/self/limits", 4096) or ""
  local function hard(name)
    return math.tointeger(text:match(name .. "%s+%S+%s+(%d+)"))
  end
  return { files = hard "Max open files", size = hard "Max file size" }
end

local function first_line(path) return (facts.head(path, 256) or ""):match "^[^\n]+" end

-- Guest memory is bounded by the host's; /proc/meminfo, proc(5).
local function memory()
  local text = facts.head("/proc/meminfo", 4096) or ""
  return (tonumber(text:match "MemTotal:%s+(%d+)") or 0) << 10
end

-- Each of these is found when it is first asked for.
local found = {
  uid = unistd.geteuid,
  arch = function() return require "posix.sys.utsname".uname().machine end,
  cpus = function() return unistd.sysconf(unistd._SC_NPROCESSORS_ONLN or 84) end,
  memory = memory,
  -- without swapping; nil where the kernel does not say
  available_memory = function()
    local text = facts.head("/proc/meminfo", 4096) or ""
    local kilobytes = tonumber(text:match "MemAvailable:%s+(%d+)")
    return kilobytes and kilobytes << 10
  end,
  home = home,
  limits = limits,
  hostname = function() return require "posix.sys.utsname".uname().nodename end,
  -- what this host is told from others by: homes may be shared, and so may names
  machine_id = function()
    return first_line "/etc/machine-id" or first_line "/var/lib/dbus/machine-id" or facts.hostname
  end,
  release = function() return require "posix.sys.utsname".uname().release end,
  boot = function() return first_line "/proc/sys/kernel/random/boot_id" or "unknown" end,
  user = function()
    local entry = passwd()
    return entry and entry.pw_name or tostring(unistd.geteuid())
  end,
  runtime = function() return runtime(facts.uid) end,
  state = function() return xdg("XDG_STATE_HOME", facts.home .. "/.local/state") .. "/lunik" end,
  data = function() return xdg("XDG_DATA_HOME", facts.home .. "/.local/share") .. "/lunik" end,
  cache = function() return xdg("XDG_CACHE_HOME", facts.home .. "/.cache") .. "/lunik" end,
  -- ip(7): ports below this are root's
  unprivileged_port = function()
    return tonumber((facts.head("/proc/sys/net/ipv4/ip_unprivileged_port_start", 16)
      or "1024"):match "%d+")
  end,
}

return setmetatable(facts, { __index = function(_, name)
  local find = found[name]
  if not find then return nil end
  local value = find()
  rawset(facts, name, value)
  return value
end })
