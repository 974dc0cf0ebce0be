-- SPDX-License-Identifier: MIT
-- What a guest keeps beside its disk, in the machine's state directory: the variables of its
-- firmware, the state of its TPM, what a restored machine has written and nobody has put into its
-- disk yet, without which a disk may be good for nothing. It is found by name, and nothing else is
-- touched.
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local guest_state = {}

local WRITES = { "%.restored%.qcow2$", "%.written%-%d+%.qcow2$" }
local VARIABLES, TPM, SAVED = "^vars%-%x+%.%l[%l%d]+$", "tpm", "saved"
local FORKED = "^forked%-%x+$"

-- What swtpm writes into its folder.
local IN_TPM = { "^tpm2%-00%.%l+$", "^%.lock$", "^TMP2%-00%.%l+$" }

local function is_swtpms(name)
  for _, pattern in ipairs(IN_TPM) do
    if name:find(pattern) then return true end
  end
end

local function gone(ok, why, code)
  if ok or code == errno.ENOENT then return true end
  return nil, "remove " .. why
end

-- Removes the folder of a TPM, whose other files stay: true | nil, why, errno
local function remove_tpm(path)
  for _, name in ipairs(dirent.dir(path)) do
    if is_swtpms(name) then
      local ok, why = gone(unistd.unlink(path .. "/" .. name))
      if not ok then return nil, why end
    end
  end
  local ok, why, code = unistd.rmdir(path)
  ok, why = gone(ok, why, code)
  return ok, why, code
end

-- Removes a machine that was saved here, first what says that it is one. What somebody else has put
-- there stays.
local function remove_saved(path)
  local ok, why = gone(unistd.unlink(path .. "/machine.json"))
  for _, inner in ipairs { "/disks", "/guest", "" } do
    local folder = path .. inner
    for _, name in ipairs(stat.lstat(folder) and dirent.dir(folder) or {}) do
      local info = stat.lstat(folder .. "/" .. name)
      if ok and info and stat.S_ISREG(info.st_mode) ~= 0 then
        ok, why = gone(unistd.unlink(folder .. "/" .. name))
      end
    end
    unistd.rmdir(folder)
  end
  return ok, why
end

-- Removes one, file or folder, that may be gone already: true | nil, why, errno
function guest_state.remove(path)
  local info = stat.lstat(path)
  if not info then return true end
  local is_folder = stat.S_ISDIR(info.st_mode) ~= 0
  local is_saved = path:find "/saved$" or path:match "[^/]*$":find(FORKED)
  if is_folder then return (is_saved and remove_saved or remove_tpm)(path) end
  return gone(unistd.unlink(path))
end

-- Bytes of a folder's files.
local function size_of(folder)
  local sum = 0
  for name in dirent.files(folder) do
    local info = stat.lstat(folder .. "/" .. name)
    if info and stat.S_ISREG(info.st_mode) ~= 0 then sum = sum + info.st_size end
  end
  return sum
end

-- What an entry of a state directory is | nil where it is none of that
function guest_state.what(state, name)
  local info = stat.lstat(state .. "/" .. name)
  if not info then return nil end
  local is_saved = stat.lstat(("%s/%s/machine.json"):format(state, name)) ~= nil
  if name == SAVED and is_saved then return "saved machine" end
  if name:find(FORKED) and is_saved then return "what clones stand on" end
  if name == TPM and stat.S_ISDIR(info.st_mode) ~= 0 then return "TPM state" end
  if stat.S_ISREG(info.st_mode) == 0 then return nil end
  local is_written = name:find(WRITES[1]) or name:find(WRITES[2])
  return name:find(VARIABLES) and "firmware NVRAM" or is_written and "writes to a disk" or nil
end

-- All that there is in a state directory: a list of { path, size, what }.
function guest_state.list(state)
  local list = {}
  if not stat.lstat(state) then return list end
  for _, name in ipairs(dirent.dir(state)) do
    local what, path = guest_state.what(state, name), state .. "/" .. name
    if what then
      list[#list + 1] = { path = path, what = what,
        size = stat.S_ISDIR(stat.lstat(path).st_mode) ~= 0 and size_of(path)
               or stat.lstat(path).st_size }
    end
  end
  table.sort(list, function(a, b) return a.path < b.path end)
  return list
end

return guest_state
