-- SPDX-License-Identifier: MIT
-- The state of a machine as a stream of QEMU's: written into a file, and read from one. Memory that
-- is kept (lunik.process.ram) stays out of it.
local errno = require "posix.errno"

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

-- Both sides have to agree on what is in it.
local function prepare(vm, kept)
  vm.migrated = nil
  local ok, why = vm.monitor:exec("migrate-set-capabilities", { capabilities = {
    { capability = "events", state = true },
    { capability = "x-ignore-shared", state = kept } } })
  if not ok then return nil, "migrate-set-capabilities: " .. why end
  return true
end

local function hand(vm, fd)
  local ok, why = vm.monitor:exec("getfd", { fdname = NAME }, nil, { fds = { fd } })
  return ok and true, why and "getfd: " .. why
end

-- Until it has come to its end: true | nil, why
local function finish(vm)
  local ends = vm.loop.now() + PATIENCE
  while not FINAL[vm.migrated or ""] do
    local _, why, code = vm.moved:wait(math.max(0, ends - vm.loop.now()))
    if code == errno.ETIMEDOUT then return nil, why end
  end
  if vm.migrated == "completed" then return true end
  local how = vm.monitor:exec "query-migrate"
  return nil, how and how["error-desc"] or vm.migrated
end

-- Writes the state of a machine that is paused: true | nil, why
function migration.save(vm, fd, kept)
  local ok, why = prepare(vm, kept)
  if ok then
    ok, why = vm.monitor:exec("migrate-set-parameters", { ["max-bandwidth"] = ALL })
  end
  if ok then ok, why = hand(vm, fd) end
  if ok then ok, why = vm.monitor:exec("migrate", { uri = "fd:" .. NAME }) end
  if ok then ok, why = finish(vm) end
  return ok and true, why and "the state cannot be written: " .. why
end

-- Reads the state into a machine that waits for it: true | nil, why
function migration.load(vm, fd, kept)
  local ok, why = prepare(vm, kept)
  if ok then ok, why = hand(vm, fd) end
  if ok then ok, why = vm.monitor:exec("migrate-incoming", { uri = "fd:" .. NAME }) end
  if ok then ok, why = finish(vm) end
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
