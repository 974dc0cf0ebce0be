-- SPDX-License-Identifier: MIT
-- The guest by ssh: whether it answers, and the arguments that reach it. A forwarded
-- port always accepts, so only the banner proves the guest; a connection made too
-- early is slow to be retried by TCP, so it is given up soon and made again.
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"
local core = require "lunik.core"
local command = require "lunik.process.command"

local ssh = {}

local PATIENCE = 0.25      -- for a banner, on one connection
local PAUSE = 0.1          -- before the next one

local function closing(fd)
  return defer(function() unistd.close(fd) end)
end

local function connect(loop, address, port)
  local fd, why = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
  if not fd then return nil, why end
  fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
  fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.O_NONBLOCK)
  local ok, code
  ok, why, code = socket.connect(fd, { family = socket.AF_INET, addr = address, port = port })
  if not ok and code == errno.EINPROGRESS then
    ok, why = loop:wait(fd, "w", PATIENCE)
  end
  if ok then return fd end
  unistd.close(fd)
  return nil, why
end

-- The first line a server says on a fresh connection | nil, why
function ssh.banner(loop, address, port)
  local fd, why = connect(loop, address, port)
  if not fd then return nil, why end
  local _ <close> = closing(fd)
  local ok
  ok, why = loop:wait(fd, "r", PATIENCE)
  if not ok then return nil, why end
  local text
  text, why = socket.recv(fd, 255)
  if not text then return nil, why end
  if text:find "^SSH%-" then return text:match "^[^\r\n]*" end
  return nil, text == "" and "closed without a banner" or "not an ssh server"
end

-- Waits until an ssh server answers on the forwarded port: its banner | nil, why
function ssh.wait(loop, forward, seconds)
  local ends = loop.now() + seconds
  local address = forward.address == "" and "127.0.0.1" or forward.address
  while true do
    local banner, why = ssh.banner(loop, address, forward.port)
    if banner then return banner end
    if loop.now() >= ends then
      return nil, ("ssh: port %d: no banner within %g seconds: %s")
                  :format(forward.port, seconds, why), errno.ETIMEDOUT
    end
    loop:sleep(PAUSE)
  end
end

-- What to do about a forward that somebody has removed.
function ssh.cut_off(plan)
  local name, port = plan.guest.ssh.forward, nil
  for _, forward in ipairs(plan.forwards or {}) do
    if forward.name == name then port = forward.guest end
  end
  return ("the forward '%s', by which ssh reaches the guest, is gone: lunik forward %s add --name "
    .. "%s %d brings it back"):format(name, plan.name, name, port or 22)
end

-- A path where ssh expands %-tokens and splits at spaces.
local function quoted(path)
  return '"' .. path:gsub("%%", "%%%%"):gsub('[\\"]', "\\%0") .. '"'
end

-- The argument vector that runs `remote` (a list, or nil for a login) in the guest.
-- The host key is taken at first sight and kept per machine, under the machine's name.
function ssh.argv(plan, forward, remote)
  local access = plan.guest.ssh
  local argv = { "ssh", "-F", "none", "-p", tostring(forward.port),
                 "-o", "HostKeyAlias=lunik-" .. plan.name,
                 "-o", "StrictHostKeyChecking=accept-new",
                 "-o", "UserKnownHostsFile=" .. quoted(ssh.known_hosts(plan)),
                 "-o", "LogLevel=ERROR" }
  if access.key then
    table.move({ "-o", "IdentityFile=" .. quoted(access.key), "-o", "IdentitiesOnly=yes",
                 "-o", "BatchMode=yes" }, 1, 6, #argv + 1, argv)
  end
  local address = forward.address == "" and "127.0.0.1" or forward.address
  argv[#argv + 1] = (access.user and access.user .. "@" or "") .. address
  if remote and #remote > 0 then
    -- ssh hands its arguments to a shell of the guest's: one word that is quoted
    argv[#argv + 1] = "--"
    argv[#argv + 1] = core.argv.shell(remote)
  end
  return argv
end

-- Where the guest's host key is remembered. One machine's keys are in no other's way.
function ssh.known_hosts(plan)
  return plan.guest.ssh.known_hosts or plan.runtime .. "/known_hosts"
end

-- Runs a program in the guest: { status | signal, out, err } | nil, why
function ssh.exec(loop, plan, forward, remote, seconds)
  return command.run(loop, ssh.argv(plan, forward, remote), { seconds = seconds, env = plan.env })
end

return ssh
