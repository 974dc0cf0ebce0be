-- SPDX-License-Identifier: MIT
-- The processes beside QEMU (virtiofsd, swtpm): each gets its listening socket as a
-- descriptor, so there is nothing to poll for, and is proved alive before QEMU is
-- started, which a daemon that listens and never answers would freeze.
local core = require "lunik.core"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local child = require "lunik.process.child"
local mode = require "lunik.system.mode"
local refusals = require "lunik.process.refusals"
local remove = require "lunik.process.remove"
local wait = require "lunik.async.wait"

local helper = {}

local PATIENCE = 10            -- seconds for a helper to answer
local CONNECT = 1              -- seconds to connect to a socket of our own

-- docs/interop/vhost-user.rst: a message is its number, flags, the size of what follows, and that.
local GET_FEATURES, VERSION = 1, 1
local ANSWER = string.packsize "<I4I4I4I8"

-- Asks a daemon for its features: harmless, and answered by one that works.
local function vhost_user(loop, chan)
  local ask = string.pack("<I4I4I4", GET_FEATURES, VERSION, 0)
  local ok, why, code = wait.send(loop, chan, ask, PATIENCE)
  local answer = ""
  while ok and #answer < ANSWER do
    local bytes
    bytes, why, code = wait.read(loop, chan, PATIENCE, ANSWER - #answer)
    ok, answer = bytes, answer .. (bytes or "")
  end
  if not ok then return nil, why, code end
  if string.unpack("<I4", answer) == GET_FEATURES then return true end
  return nil, "an answer that is not vhost-user", errno.EPROTO
end

-- swtpm's control channel, swtpm_ioctls(3): a command is its number, the capabilities are 8 bytes.
local GET_CAPABILITY, CAPABILITIES = string.pack(">I4", 1), 8

local function swtpm(loop, chan)
  local ok, why, code = wait.send(loop, chan, GET_CAPABILITY, PATIENCE)
  local got = 0
  while ok and got < CAPABILITIES do
    local bytes
    bytes, why, code = wait.read(loop, chan, PATIENCE, CAPABILITIES - got)
    ok, got = bytes, got + #(bytes or "")
  end
  return ok and true, why, code
end

-- The test of a helper that works, by kind, on the connection that QEMU will get.
local proofs = { virtiofsd = vhost_user, swtpm = swtpm }

-- Makes the folder that a helper keeps its state in, or the empty one that the daemons' own mounts
-- cover. All helpers share that, and it goes with the machine's directory: to remove it earlier
-- would unmount it in those still alive.
local function make_folder(path)
  local ok, why, code = stat.mkdir(path, mode.folder)
  local info = not ok and code == errno.EEXIST and stat.lstat(path)
  if ok or info and stat.S_ISDIR(info.st_mode) ~= 0 then return true end
  return nil, "mkdir " .. why
end

-- Listens in the helper's place: its socket, and lunik's connection to it | nil, why
local function sockets(ctx, row)
  local path = row.listen.path
  remove(path)                       -- one that a dead supervisor had no time to remove
  local listening, why = core.chan.listen(path, { mode = mode.file })
  if not listening then return nil, why end
  ctx.started:push("remove " .. path, function() return remove(path) end)
  local connection
  connection, why = core.chan.connect(path, CONNECT)
  if not connection then
    listening:close()
    return nil, why
  end
  return listening, connection
end

-- Connects to a helper's socket, for QEMU, and removes the path: the helper's end | nil, why
local function connect(ctx, row)
  local listening, connection = sockets(ctx, row)
  if not listening then return nil, connection end
  ctx.connections[row.name] = connection
  ctx.started:closing(connection)
  remove(row.listen.path)
  return listening
end

-- The share as core.proc.spawn takes it. An ordinary user may mount only in a user namespace, where
-- the daemon is root and that user's files are root's.
local function exported(share, map)
  return share and { from = share.from, file = share.file, file_fd = share.fd, at = share.at,
                     readonly = share.readonly, user = unistd.geteuid() ~= 0,
                     userns = map.userns, idmap = map.idmap }
end

-- Adds the reason where a file system cannot map owners.
local function explained(row, why)
  if not (row.share and row.share.owner and why:find "mount_setattr") then return why end
  return ("%s: owner = \"%s\" cannot be had of this file system"):format(why, row.share.owner)
end

local function spawn(ctx, row, listening)
  local fds, free = {}, 3
  local map, problem = {}, nil
  if row.share then map, problem = require "lunik.process.idmap".open(ctx.loop, row.share) end
  if not map then return nil, problem end
  if listening then
    fds[row.listen.fd] = listening:fd()
    free = math.max(free, row.listen.fd + 1)
  end
  -- helpers keep the machine locked as QEMU does; an adopting supervisor has no such lock to give
  if ctx.claim.machine then fds[free] = ctx.claim.machine:fd() end
  local running, why = child.start(ctx.loop, {
    name = row.name, argv = row.argv, env = ctx.env, fds = fds, log = row.log,
    share = exported(row.share, map), refuse = refusals[row.refuses], tied = ctx.tied,
    shielded = ctx.shielded }, ctx.started)
  if map.handle then map.handle:close() end
  return running, not running and explained(row, why) or nil
end

-- nil and why a helper cannot be used: if it has ended, with its last lines.
local function failed(running, why, code)
  local ended = code == errno.EPIPE and running.ended:wait(1)
  return nil, ("helper %s: %s"):format(running.name, ended and running:describe() or why)
end

local function prove(ctx, row, running)
  local proof = proofs[row.kind]
  local connection = ctx.connections[row.name]
  if not proof or not connection then return true end
  local ok, why, code = proof(ctx.loop, connection)
  if ok then return true end
  return failed(running, why, code)
end

-- Starts one helper of the plan and proves it alive: a child | nil, why
function helper.start(ctx, row)
  local listening, running, why
  local folder = row.folder or row.share and row.share.at
  if folder then
    local ok
    ok, why = make_folder(folder)
    if not ok then return nil, why end
  end
  if row.listen then
    listening, why = connect(ctx, row)
    if not listening then return nil, why end
  end
  running, why = spawn(ctx, row, listening)
  if listening then listening:close() end
  if not running then return nil, ("helper %s: %s"):format(row.name, why) end
  running.means, running.kind = row.means, row.kind
  ctx.tell("helper", ("helper %s started (pid %d)"):format(row.name, running:pid()))
  local ok
  ok, why = prove(ctx, row, running)
  if not ok then return nil, why end
  return running
end

return helper
