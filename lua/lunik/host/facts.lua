-- SPDX-License-Identifier: MIT
-- What can be read of the host without running anything on it: files, programs, users, folders.
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local facts = {}

local types = { { "S_ISREG", "file" }, { "S_ISDIR", "directory" }, { "S_ISBLK", "device" },
  { "S_ISCHR", "character device" }, { "S_ISSOCK", "socket" }, { "S_ISFIFO", "fifo" } }

-- What is at `path`: "file", "directory", "device" …, or nil.
function facts.kind(path)
  local found = stat.stat(path)
  if not found then return nil end
  for _, t in ipairs(types) do
    if stat[t[1]](found.st_mode) ~= 0 then return t[2] end
  end
end

-- The path without symbolic links; of what is not there, as much as is.
function facts.real(path)
  local real = stdlib.realpath(path)
  if real then return real end
  local folder, base = path:match "^(.*)/([^/]+)/*$"
  if not folder then return path end
  return (folder == "" and "" or facts.real(folder):gsub("/$", "")) .. "/" .. base
end

-- The first `most` bytes of a file, or nil and why.
function facts.head(path, most)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local bytes
  bytes, why = file:read(most)
  file:close()
  return bytes or not why and "" or nil, why
end

-- A whole regular file of at most `most` bytes.
function facts.contents(path, most)
  local what = facts.kind(path)
  if what and what ~= "file" then return nil, path .. ": is a " .. what .. ", not a file" end
  local text, why = facts.head(path, most + 1)
  if text and #text > most then return nil, ("%s: larger than %d bytes"):format(path, most) end
  return text, why
end

-- The names in a folder, unsorted; {} when it cannot be read.
function facts.list(folder)
  local ok, names = pcall(require "posix.dirent".dir, folder)
  return ok and names or {}
end

-- Environment variables, except those the loader put there.
function facts.env(name) return os.getenv(name) end

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

local function runtime(uid)
  local given = xdg("XDG_RUNTIME_DIR")
  if given then return given .. "/lunik" end
  if uid == 0 then return "/run/lunik" end
  return "/tmp/lunik-" .. uid
end

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
  home = function() return os.getenv "HOME" or "/" end,
  user = function()
    local entry = require "posix.pwd".getpwuid(unistd.geteuid())
    return entry and entry.pw_name or tostring(unistd.geteuid())
  end,
  runtime = function() return runtime(facts.uid) end,
  state = function() return xdg("XDG_STATE_HOME", facts.home .. "/.local/state") .. "/lunik" end,
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
