-- SPDX-License-Identifier: MIT
-- Files of a report, { name, text } each, as one tar or as a folder: for this user alone, and never
-- in the place of anything that is there.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local tar = require "lunik.vm.copy.tar"
local unistd = require "posix.unistd"

local bundle = {}

local FLAGS = fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_EXCL

local function failed(path, why, code)
  if code == errno.EEXIST or why:find "not a file$" then
    return nil, ("%s is there already: -o PATH names another"):format(path)
  end
  return nil, ("%s: %s"):format(path, (why:match "[^:]*$":gsub("^ ", "")))
end

local function put(fd, text)
  local at = 1
  while at <= #text do
    local wrote, why = unistd.write(fd, text:sub(at, at + (1 << 20) - 1))
    if not wrote then return nil, why end
    at = at + wrote
  end
  return true
end

local function write(path, parts)
  local fd, why, code = file.open(path, FLAGS)
  if not fd then return failed(path, why, code) end
  for _, part in ipairs(parts) do
    local ok
    ok, why = put(fd, part)
    if not ok then
      unistd.close(fd)
      unistd.unlink(path)
      return nil, ("%s: %s"):format(path, why)
    end
  end
  unistd.close(fd)
  return true
end

local function as_tar(path, files, folder, now)
  local parts = {}
  local function add(entry)
    entry.mtime = now
    parts[#parts + 1] = tar.header(entry)
  end
  add { kind = "directory", name = folder .. "/", mode = mode.folder }
  for _, one in ipairs(files) do
    add { kind = "file", name = folder .. "/" .. one.name, mode = mode.file, size = #one.text }
    parts[#parts + 1] = one.text
    parts[#parts + 1] = tar.padding(#one.text)
  end
  parts[#parts + 1] = tar.FINISH
  return write(path, parts)
end

local function make(path)
  local ok, why, code = stat.mkdir(path, mode.folder)
  if ok then return true end
  return failed(path, why, code)
end

local function as_folder(path, files)
  local ok, why = make(path)
  local made = {}
  for _, one in ipairs(ok and files or {}) do
    local inner = one.name:match "^(.*)/"
    if ok and inner and not made[inner] then
      ok, why = make(path .. "/" .. inner)
      made[inner] = true
    end
    if ok then ok, why = write(path .. "/" .. one.name, { one.text }) end
  end
  return ok, why
end

-- Writes them: true | nil, why. A path that ends in .tar is one; `folder` is the one in it.
function bundle.write(path, files, folder)
  if path:find "%.tar$" then return as_tar(path, files, folder, os.time()) end
  return as_folder(path, files)
end

return bundle
