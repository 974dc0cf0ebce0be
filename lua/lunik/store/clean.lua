-- SPDX-License-Identifier: MIT
-- Removes what lunik has written into a machine's directories, by name, and nothing else: what
-- somebody else put there stays, and is named.
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local directory = require "lunik.store.directory"
local guest_state = require "lunik.store.guest_state"
local records = require "lunik.store.records"

local clean = {}

local LOCKS = { "machine.lock", "supervisor.lock" }
local POINTER = { "runtime.json", "state.lock" }

-- The files of a runtime directory: those of this house, the logs and sockets of the plan's parts.
local FILES = { "^vm%.json$", "^vm%.json%.tmp$", "^snapshot$", "^snapshot%.tmp$",
                "^apply%.json$", "^apply%.json%.tmp$",
                "^known_hosts$", "^known_hosts%.old$", "^credential%-%d+$",
                "^credential%-%d+%.tmp$", "%.sock$", "%.log$", "%.log%.1$",
                "%.log%.1%.part$" }
local FOLDERS = { export = unistd.rmdir, warm = unistd.rmdir, tpm = guest_state.remove }

-- The files of a state directory. An overlay that the user keeps in there has a memory of its base.
local REMEMBERED = { "^machine%.json$", "^mounts%.json$", "^overlays%.json$", "^%w+%.json%.tmp$",
                     "^provisioned%.json$", "^template%.json$", "^template%.json%.part$",
                     "^template%.used$", "^template%.used%.tmp$",
                     "^known_hosts$", "^known_hosts%.old$", "%.log$", "%.log%.1$",
                     "%.log%.1%.part$", "%.overlay%.qcow2$", "%.forked%-%d+%.qcow2$",
                     "^forked%-%x+%.lock$", "^vars%-%x+%.%w+%.part$",
                     "^guest%.json$", "^seed%.img$", "^host_ed25519$", "^host_ed25519%.pub$",
                     "^login_ed25519$", "^login_ed25519%.pub$" }

local function set(names)
  local found = { ["."] = true, [".."] = true }
  for _, name in ipairs(names) do found[name] = true end
  return found
end

local is_lock, is_pointer = set(LOCKS), set(POINTER)

local function is_file(name, patterns)
  for _, pattern in ipairs(patterns) do
    if name:find(pattern) then return true end
  end
end

local function removed(remove, path)
  local gone, why, code = remove(path)
  if gone or code == errno.ENOENT then return true end
  return nil, "remove " .. why
end

-- One entry of a directory: true | false where it is not lunik's | nil, why
local function remove(folder, name, files, folders)
  local path = folder .. "/" .. name
  local info = stat.lstat(path)
  if not info then return true end
  local is_folder = stat.S_ISDIR(info.st_mode) ~= 0
  if is_folder and folders[name] then
    local gone, why, code = folders[name](path)
    if code == errno.ENOTEMPTY then return false end
    if gone or code == errno.ENOENT then return true end
    return nil, "remove " .. why
  end
  if is_folder or not is_file(name, files) then return false end
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

-- Removes what is in a directory but for what is `kept`: the names of what stays | nil, why
local function all(folder, kept, files, folders)
  local left = {}
  for _, name in ipairs(dirent.dir(folder)) do
    local ok, why = true, nil
    if not kept[name] then ok, why = remove(folder, name, files, folders) end
    if ok == nil then return nil, why end
    if not ok then left[#left + 1] = name end
  end
  table.sort(left)
  return left
end

-- Removes what is in a runtime directory but for the locks, and the throw-away files that its
-- record names; the caller holds the locks. The names of what stays | nil, why
function clean.directory(runtime, state)
  local ok, why = directory.trusted(runtime)
  if not ok then
    if stat.lstat(runtime) then return nil, why end
    return {}
  end
  local record = records.read(runtime)
  for _, path in ipairs(record and record.temporary or {}) do
    ok, why = throw_away(path, state)
    if not ok then return nil, why end
  end
  return all(runtime, is_lock, FILES, FOLDERS)
end

-- Removes what is remembered of a machine that has ended, but for the pointer and its lock, which
-- the caller holds, and for what the guest keeps: the names of what else stays | nil, why
function clean.state(state)
  local ok, why = directory.trusted(state)
  if not ok then return nil, why end
  local kept, theirs = set(POINTER), {}
  for _, name in ipairs(dirent.dir(state)) do
    local overlay = name:match "^(.*)%.base$"
    if overlay then kept[overlay] = true end
    if guest_state.what(state, name) then theirs[name] = true end
  end
  local left
  left, why = all(state, setmetatable(theirs, { __index = kept }), REMEMBERED, {})
  if not left then return nil, why end
  for name in pairs(kept) do
    if not is_pointer[name] and stat.lstat(state .. "/" .. name) then left[#left + 1] = name end
  end
  table.sort(left)
  return left
end

function clean.locks(runtime)
  for _, name in ipairs(LOCKS) do unistd.unlink(runtime .. "/" .. name) end
end

return clean
