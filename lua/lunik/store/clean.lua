-- SPDX-License-Identifier: MIT
-- Removes what lunik has written into a machine's runtime directory, by name, and nothing else:
-- what somebody else put there stays, and is named.
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local directory = require "lunik.store.directory"
local records = require "lunik.store.records"

local clean = {}

local LOCKS = { "machine.lock", "supervisor.lock" }

-- The files of a runtime directory: those of this house, the logs and sockets of the plan's parts.
local FILES = { "^vm%.json$", "^vm%.json%.tmp$", "^snapshot$", "^snapshot%.tmp$",
                "^apply%.json$", "^apply%.json%.tmp$",
                "^known_hosts$", "^known_hosts%.old$", "%.sock$", "%.log$", "%.log%.1$",
                "%.log%.1%.part$" }
local FOLDERS = { export = true }

local is_kept = { ["."] = true, [".."] = true }
for _, name in ipairs(LOCKS) do is_kept[name] = true end

local function is_file(name)
  for _, pattern in ipairs(FILES) do
    if name:find(pattern) then return true end
  end
end

local function removed(remove, path)
  local gone, why, code = remove(path)
  if gone or code == errno.ENOENT then return true end
  return nil, "remove " .. why
end

-- One entry of the directory: true | false where it is not lunik's | nil, why
local function remove(folder, name)
  local path = folder .. "/" .. name
  local info = stat.lstat(path)
  if not info then return true end
  local is_folder = stat.S_ISDIR(info.st_mode) ~= 0
  if is_folder and FOLDERS[name] then
    local gone, why, code = unistd.rmdir(path)
    if code == errno.ENOTEMPTY then return false end
    if gone or code == errno.ENOENT then return true end
    return nil, "remove " .. why
  end
  if is_folder or not is_file(name) then return false end
  return removed(unistd.unlink, path)
end

-- A throw-away file that the record names: one of the machine's own, where it is known which
-- directory that is.
local function throw_away(path, state)
  if state and path:match "^(.*)/[^/]*$" ~= state then return true end
  local info = stat.lstat(path)
  if not info or stat.S_ISREG(info.st_mode) == 0 then return true end
  return removed(unistd.unlink, path)
end

-- Removes what is in a runtime directory but for the locks, and the throw-away files that its
-- record names; the caller holds the locks. The names of what stays | nil, why
function clean.directory(runtime, state)
  local ok, why = directory.trusted(runtime)
  if not ok then
    if stat.lstat(runtime) then return nil, why end
    return {}
  end
  local record, left = records.read(runtime), {}
  for _, path in ipairs(record and record.temporary or {}) do
    ok, why = throw_away(path, state)
    if not ok then return nil, why end
  end
  for _, name in ipairs(dirent.dir(runtime)) do
    ok = true
    if not is_kept[name] then ok, why = remove(runtime, name) end
    if ok == nil then return nil, why end
    if not ok then left[#left + 1] = name end
  end
  table.sort(left)
  return left
end

function clean.locks(runtime)
  for _, name in ipairs(LOCKS) do unistd.unlink(runtime .. "/" .. name) end
end

return clean
