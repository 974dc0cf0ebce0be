-- SPDX-License-Identifier: MIT
-- The processes beside QEMU (virtiofsd): each gets its listening socket as a
-- descriptor, so there is nothing to poll for, and is proved alive before QEMU is
-- started, which a daemon that listens and never answers would freeze.
local core = require "lunik.core"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local child = require "lunik.launch.child"
local wait = require "lunik.wait"

local helpers = {}

local PATIENCE = 10

-- vhost-user GET_FEATURES: harmless, and answered by a daemon that works.
local function vhost_user(loop, chan)
  local ok, why, code = wait.send(loop, chan, string.pack("<I4I4I4", 1, 1, 0), PATIENCE)
  local answer = ""
  while ok and #answer < 20 do
    local bytes
    bytes, why, code = wait.read(loop, chan, PATIENCE, 20 - #answer)
    ok, answer = bytes, answer .. (bytes or "")
  end
  if not ok then return nil, why, code end
  if string.unpack("<I4", answer) == 1 then return true end
  return nil, "an answer that is not vhost-user", errno.EPROTO
end

-- How a kind of helper shows that it works, on the connection that QEMU will get.
local proofs = { virtiofsd = vhost_user }

local function remove(path)
  local ok, why, code = unistd.unlink(path)
  if ok or code == errno.ENOENT then return true end
  return nil, why
end

-- The empty directory that the daemon's own mounts cover; helpers may share it.
local function make_empty(path, started)
  local ok, why, code = stat.mkdir(path, 448)
  if not ok and code ~= errno.EEXIST then return nil, "mkdir " .. why end
  if not ok then return true end
  started:push("remove " .. path, function()
    local gone, problem, number = unistd.rmdir(path)
    if gone or number == errno.ENOENT then return true end
    return nil, problem
  end)
  return true
end

-- Listens where the helper will: the helper's socket, and lunik's connection to it.
local function sockets(ctx, helper)
  local path = helper.listen.path
  local listening, why = core.chan.listen(path, { mode = 384 })
  if not listening then return nil, why end
  ctx.started:push("remove " .. path, function() return remove(path) end)
  local connection
  connection, why = core.chan.connect(path, 1)
  if not connection then
    listening:close()
    return nil, why
  end
  return listening, connection
end

-- Connected sockets of a helper by its name, for QEMU; nothing is left at the path.
local function connect(ctx, helper)
  local listening, connection = sockets(ctx, helper)
  if not listening then return nil, connection end
  ctx.connections[helper.name] = connection
  ctx:closing(connection)
  remove(helper.listen.path)
  return listening
end

-- An ordinary user may mount only in a user namespace, where the daemon is root and
-- that user's files are root's.
local function exported(share)
  return share and { from = share.from, at = share.at, readonly = share.readonly,
                     user = unistd.geteuid() ~= 0 }
end

local function spawn(ctx, helper, listening)
  local fds, free = {}, 3
  if listening then
    fds[helper.listen.fd] = listening:fd()
    free = math.max(free, helper.listen.fd + 1)
  end
  fds[free] = ctx.claim.machine:fd()      -- the machine lives as long as its helpers
  return child.start(ctx.loop, {
    name = helper.name, argv = helper.argv, env = ctx.env, fds = fds, log = helper.log,
    share = exported(helper.share), tied = ctx.tied }, ctx.started)
end

-- Why a helper cannot be used, with what it said itself when it has ended.
local function failed(running, why, code)
  local ended = code == errno.EPIPE and running.ended:wait(1)
  return nil, ("helper %s: %s"):format(running.name, ended and running:describe() or why)
end

local function prove(ctx, helper, running)
  local proof = proofs[helper.kind]
  local connection = ctx.connections[helper.name]
  if not proof or not connection then return true end
  local ok, why, code = proof(ctx.loop, connection)
  if ok then return true end
  return failed(running, why, code)
end

-- Starts one helper of the plan and proves it alive: a child | nil, why
function helpers.start(ctx, helper)
  local listening, running, why
  if helper.share then
    local ok
    ok, why = make_empty(helper.share.at, ctx.started)
    if not ok then return nil, why end
  end
  if helper.listen then
    listening, why = connect(ctx, helper)
    if not listening then return nil, why end
  end
  running, why = spawn(ctx, helper, listening)
  if listening then listening:close() end
  if not running then return nil, ("helper %s: %s"):format(helper.name, why) end
  running.means, running.kind = helper.means, helper.kind
  ctx:tell("helper", ("helper %s started (pid %d)"):format(helper.name, running:pid()))
  local ok
  ok, why = prove(ctx, helper, running)
  if not ok then return nil, why end
  return running
end

return helpers
