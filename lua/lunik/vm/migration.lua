-- SPDX-License-Identifier: MIT
-- The state of a machine as QEMU writes it into a file, and reads it from one. Memory that is kept
-- (lunik.process.ram) stays out of it; other memory is part of a stream, or, where every QEMU that
-- has the board can, lies in the file at places of its own (mapped), with holes.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local unistd = require "posix.unistd"

local migration = {}

local PATIENCE = 600       -- seconds for all of it
local ALL = 1 << 40        -- bytes a second: as fast as it goes
local NAME = "lunik-state"

local FINAL = { completed = true, failed = true, cancelled = true }

-- QEMU tells how it goes. Must not wait.
function migration.hear(vm, data)
  vm.migrated = data.status
  vm.moved:fire()
end

local MAPPED = "mapped-ram"
local SINCE = 9            -- the QEMU whose boards have none that cannot

local function knows(vm, name)
  for _, one in ipairs(vm.monitor:exec "query-migrate-capabilities" or {}) do
    if one.capability == name then return true end
  end
  return false
end

-- Whether the memory of a machine of that board ("pc-q35-10.0") is written mapped: one of an older
-- QEMU may go back to that, which cannot read it.
function migration.is_mapped(vm, board)
  local major = math.tointeger(board:match "%-(%d+)%.%d+$")
  return major ~= nil and major >= SINCE and knows(vm, MAPPED)
end

-- Both sides have to agree on what is in it.
local function prepare(vm, how)
  vm.migrated = nil
  local list = { { capability = "events", state = true },
                 { capability = "x-ignore-shared", state = how.kept } }
  if how.mapped then list[3] = { capability = MAPPED, state = true } end
  local ok, why = vm.monitor:exec("migrate-set-capabilities", { capabilities = list })
  if not ok then return nil, "migrate-set-capabilities: " .. why end
  return true
end

-- As a file that QEMU opens, which has to be open already as it wants it.
local function by_set(vm, fd, access)
  local again, why = file.open(("/proc/self/fd/%d"):format(fd), access)
  if not again then return nil, why end
  local answer
  answer, why = vm.monitor:exec("add-fd", nil, nil, { fds = { again } })
  unistd.close(again)
  return answer and "file:/dev/fdset/" .. answer["fdset-id"], why and "add-fd: " .. why
end

-- Hands a file over: the address by which QEMU has it | nil, why. Those that know of mapped memory
-- take a file as a stream no more without a warning.
local function hand(vm, fd, access)
  if knows(vm, MAPPED) then return by_set(vm, fd, access) end
  local ok, why = vm.monitor:exec("getfd", { fdname = NAME }, nil, { fds = { fd } })
  return ok and "fd:" .. NAME, why and "getfd: " .. why
end

-- QEMU keeps no file open that was handed over, so that one that is removed takes no room.
local function let_go(vm, uri)
  local set = math.tointeger(uri:match "/fdset/(%d+)$")
  if set then vm.monitor:exec("remove-fd", { ["fdset-id"] = set }) end
end

-- Until it has come to its end: true | nil, why
local function finish(vm)
  local ends = vm.loop.now() + PATIENCE
  while not FINAL[vm.migrated or ""] do
    if vm.qemu.ended:is_set() then return nil, "QEMU has ended" end
    local _, why, code = vm.moved:wait(math.max(0, ends - vm.loop.now()))
    if code == errno.ETIMEDOUT then return nil, why end
  end
  if vm.migrated == "completed" then return true end
  local how = vm.monitor:exec "query-migrate"
  return nil, how and how["error-desc"] or vm.migrated
end

-- Writes the state of a machine that is paused: true | nil, why. how: kept, mapped
function migration.save(vm, fd, how)
  local ok, why = prepare(vm, how)
  if ok then
    ok, why = vm.monitor:exec("migrate-set-parameters", { ["max-bandwidth"] = ALL })
  end
  local uri
  if ok then uri, why = hand(vm, fd, fcntl.O_WRONLY) end
  if uri then ok, why = vm.monitor:exec("migrate", { uri = uri }) else ok = nil end
  if ok then ok, why = finish(vm) end
  if uri then let_go(vm, uri) end
  return ok and true, why and "the state cannot be written: " .. why
end

-- Reads the state into a machine that waits for it: true | nil, why. how: as it was written
function migration.load(vm, fd, how)
  local ok, why = prepare(vm, how)
  local uri
  if ok then uri, why = hand(vm, fd, fcntl.O_RDONLY) end
  if uri then ok, why = vm.monitor:exec("migrate-incoming", { uri = uri }) else ok = nil end
  if ok then ok, why = finish(vm) end
  if uri then let_go(vm, uri) end
  return ok and true, why and "the state cannot be read: " .. why
end

-- Gives up what is on its way, whoever began it.
function migration.cancel(vm)
  local now = vm.monitor:exec "query-migrate"
  if not now or not now.status or FINAL[now.status] then return end
  vm.migrated = now.status
  if vm.monitor:exec "migrate_cancel" then finish(vm) end
end

-- Why the state cannot be written now: a list
function migration.blocked(vm)
  local now = vm.monitor:exec "query-migrate"
  return now and now["blocked-reasons"] or {}
end

return migration
