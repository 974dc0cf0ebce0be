-- SPDX-License-Identifier: MIT
-- The host as recipes and plans see it: facts, and questions that read and never
-- change anything. Specs hand in tables of the same shape.
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local host = {}

local types = { { "S_ISREG", "file" }, { "S_ISDIR", "directory" }, { "S_ISBLK", "device" },
  { "S_ISCHR", "character device" }, { "S_ISSOCK", "socket" }, { "S_ISFIFO", "fifo" } }

-- What is at `path`: "file", "directory", "device" …, or nil.
function host.kind(path)
  local found = stat.stat(path)
  if not found then return nil end
  for _, t in ipairs(types) do
    if stat[t[1]](found.st_mode) ~= 0 then return t[2] end
  end
end

-- The path without symbolic links; of what is not there, as much as is.
function host.real(path)
  local real = stdlib.realpath(path)
  if real then return real end
  local folder, base = path:match "^(.*)/([^/]+)/*$"
  if not folder then return path end
  return (folder == "" and "" or host.real(folder):gsub("/$", "")) .. "/" .. base
end

-- The first `most` bytes of a file, or nil and why.
function host.head(path, most)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local bytes
  bytes, why = file:read(most)
  file:close()
  return bytes or not why and "" or nil, why
end

-- A whole regular file of at most `most` bytes.
function host.contents(path, most)
  local what = host.kind(path)
  if what and what ~= "file" then return nil, path .. ": is a " .. what .. ", not a file" end
  local text, why = host.head(path, most + 1)
  if text and #text > most then return nil, ("%s: larger than %d bytes"):format(path, most) end
  return text, why
end

-- The names in a folder, unsorted; {} when it cannot be read.
function host.list(folder)
  local ok, names = pcall(require "posix.dirent".dir, folder)
  return ok and names or {}
end

-- Environment variables, except those the loader put there.
function host.env(name) return os.getenv(name) end

-- The absolute path of a program by PATH, or nil.
function host.program(name)
  if name:find "/" then return unistd.access(name, "x") and name or nil end
  for folder in (os.getenv "PATH" or "/usr/bin:/bin"):gmatch "[^:]+" do
    local path = folder .. "/" .. name
    if unistd.access(path, "x") and host.kind(path) == "file" then return path end
  end
end

local function xdg(variable, fallback)
  local value = os.getenv(variable)
  return value and value:sub(1, 1) == "/" and value or fallback
end

local function runtime(uid)
  local given = xdg("XDG_RUNTIME_DIR")
  if given then return given .. "/lunik" end
  if uid == 0 then return "/run/lunik" end
  return "/tmp/lunik-" .. uid
end

-- Guest memory is bounded by the host's; /proc/meminfo, proc(5).
local function memory()
  local text = host.head("/proc/meminfo", 4096) or ""
  return (tonumber(text:match "MemTotal:%s+(%d+)") or 0) << 10
end

-- Each fact is found when it is first asked for.
local facts = {
  uid = unistd.geteuid,
  arch = function() return require "posix.sys.utsname".uname().machine end,
  cpus = function() return unistd.sysconf(unistd._SC_NPROCESSORS_ONLN or 84) end,
  memory = memory,
  home = function() return os.getenv "HOME" or "/" end,
  user = function()
    local entry = require "posix.pwd".getpwuid(unistd.geteuid())
    return entry and entry.pw_name or tostring(unistd.geteuid())
  end,
  runtime = function() return runtime(host.uid) end,
  state = function() return xdg("XDG_STATE_HOME", host.home .. "/.local/state") .. "/lunik" end,
  cache = function() return xdg("XDG_CACHE_HOME", host.home .. "/.cache") .. "/lunik" end,
  -- ip(7): ports below this are root's
  unprivileged_port = function()
    return tonumber((host.head("/proc/sys/net/ipv4/ip_unprivileged_port_start", 16)
      or "1024"):match "%d+")
  end,
  kvm = function() return require "lunik.host.kvm" end,
  virtiofsd = function() return require "lunik.host.virtiofsd" end,
  subids = function() return require "lunik.host.subids" end,
  caps = function() return require "lunik.host.caps" end,
}

return setmetatable(host, { __index = function(_, name)
  local find = facts[name]
  if not find then return nil end
  local value = find()
  rawset(host, name, value)
  return value
end })
