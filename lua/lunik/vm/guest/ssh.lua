-- SPDX-License-Identifier: MIT
-- The guest by ssh: whether it answers, and the arguments that reach it. A forwarded port always
-- accepts, so only the banner proves a server, and only a login that it lets us in
-- (lunik.vm.guest.poller asks).
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"
local answers = require "lunik.vm.guest.answers"
local core = require "lunik.core"
local command = require "lunik.process.command"
local input = require "lunik.vm.guest.input"
local shape = require "lunik.vm.guest.shape"

local ssh = {}

local OUTPUT = answers.OUTPUT

local CONNECT = 30         -- seconds for ssh to reach a server that has let us in before

local function closing(fd)
  return defer(function() unistd.close(fd) end)
end

local function connect(loop, address, port, seconds)
  local fd, why = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
  if not fd then return nil, why end
  fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
  fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.O_NONBLOCK)
  local ok, code
  ok, why, code = socket.connect(fd, { family = socket.AF_INET, addr = address, port = port })
  if not ok and code == errno.EINPROGRESS then
    ok, why = loop:wait(fd, "w", seconds)
  end
  if ok then return fd end
  unistd.close(fd)
  return nil, why
end

-- What an OpenSSH says in the place of a banner to one connection too many.
local BUSY = { "^Exceeded MaxStartups", "^Not allowed at this time" }

local function is_busy(text)
  for _, pattern in ipairs(BUSY) do
    if text:find(pattern) then return true end
  end
  return false
end

-- The first line a server says on a fresh connection | nil, why, and "busy" where one is there and
-- wants to be left alone, "late" where nothing was said within these `seconds`
function ssh.banner(loop, address, port, seconds)
  local fd, why = connect(loop, address, port, seconds)
  if not fd then return nil, why end
  local _ <close> = closing(fd)
  local ok
  ok, why = loop:wait(fd, "r", seconds)
  if not ok then return nil, why, "late" end
  local text
  text, why = socket.recv(fd, 255)
  if not text then return nil, why end
  if text:find "^SSH%-" then return text:match "^[^\r\n]*" end
  if is_busy(text) then return nil, "the server says: " .. text:match "^[^\r\n]*", "busy" end
  return nil, text == "" and "closed without a banner" or "not an ssh server"
end

local function address_of(forward)
  return forward.address == "" and "127.0.0.1" or forward.address
end

-- Whether an ssh server answers on the forwarded port now: as ssh.banner
function ssh.answers(loop, forward, seconds)
  return ssh.banner(loop, address_of(forward), forward.port, seconds)
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
-- A host key that lunik has not made is taken at first sight; it is kept per machine, under the
-- machine's name.
function ssh.argv(plan, forward, remote)
  local access = plan.guest.ssh
  local argv = { "ssh", "-F", "none", "-p", tostring(forward.port),
                 "-o", "HostKeyAlias=lunik-" .. plan.name,
                 "-o", "StrictHostKeyChecking=" .. (access.known and "yes" or "accept-new"),
                 "-o", "UserKnownHostsFile=" .. quoted(ssh.known_hosts(plan)),
                 "-o", "LogLevel=ERROR" }
  if access.key then
    table.move({ "-o", "IdentityFile=" .. quoted(access.key), "-o", "IdentitiesOnly=yes",
                 "-o", "BatchMode=yes" }, 1, 6, #argv + 1, argv)
  end
  argv[#argv + 1] = (access.user and access.user .. "@" or "") .. address_of(forward)
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

-- Says a mark and its number before it becomes the program: what the user's shell says first is
-- told apart by it, and so is a program from a login that failed.
local BECOME = 'echo "$1 $$"; shift; exec "$@"'

-- What says the mark before it becomes `remote`; the mark.
function ssh.marked(remote)
  local mark = ("lunik%016x"):format(math.random(0))
  return { "sh", "-c", BECOME, "lunik", mark, table.unpack(remote) }, mark
end

-- Takes the mark off: the program's output and its number | nil
function ssh.unmarked(out, mark)
  local _, last, pid = out:find(mark .. " (%d+)\n", 1)
  if not last then return nil end
  return out:sub(last + 1), #pid <= 10 and math.tointeger(tonumber(pid)) or nil
end

function ssh.not_reached(done)
  local said = shape.shown((done.err:gsub("\r", ""))):gsub("%s+$", ""):gsub("\n+", "; ")
  return nil, "ssh: " .. (said ~= "" and said or command.describe(done)), "unreachable"
end

-- Runs a program in the guest: { status | signal, out, err, truncated, pid } | nil, why, code; and
-- where the time is over what it has come to so far. options: input (lunik.vm.guest.input), seconds
function ssh.exec(loop, plan, forward, remote, options)
  local words, mark = ssh.marked(remote)
  local argv = ssh.argv(plan, forward, words)
  -- there is nobody to be asked for a password
  table.insert(argv, 2, "-oBatchMode=yes")
  table.insert(argv, 3, ("-oConnectTimeout=%d"):format(CONNECT))
  local function run(fd)
    return command.run(loop, argv, { seconds = options.seconds, env = plan.env, most = OUTPUT + 64,
                                     fds = fd and { [0] = fd } })
  end
  local done, why, code, late
  if options.input then done, why, code, late = input.with_file(options.input, run)
  else done, why, code, late = run() end
  local result = done or late
  if not result then return nil, why, code end
  local out, pid = ssh.unmarked(result.out, mark)
  if not out and done then return ssh.not_reached(done) end
  if not out then return nil, why, code end
  result.out, result.pid = out:sub(1, OUTPUT), pid
  result.truncated = result.truncated or #out > OUTPUT
  return done, why, code, late
end

local function refused(plan, said)
  local access = plan.guest.ssh
  said = said:gsub("%.$", "")
  local user = access.user or "the user"
  if access.key then
    return "refused", ("%s: the guest takes no login of %s by the key %s: its public half belongs "
      .. "into ~/.ssh/authorized_keys there, or ssh { user =, key = } names another"):format(said,
      user, access.key)
  end
  return "password", ("%s: the guest wants a password of %s, so lunik can run nothing there: "
    .. "ssh { key = } names a key that it takes"):format(said, user)
end

local function changed(plan)
  return "final", ("ssh: host key verification failed: the guest has another host key than "
    .. "before; if it may have: ssh-keygen -f %s -R lunik-%s"):format(
    core.argv.shell { ssh.known_hosts(plan) }, plan.name)
end

local function for_good(_, said) return "final", said end

-- What ssh says where it was not let in, the first that is found; anything else may pass.
local REFUSALS = {
  { "System is booting up", function() return "busy" end },
  { "Host key verification failed", changed },
  { "no matching ", for_good },
  { "Permission denied", refused },
  { "Too many authentication failures", refused },
}

-- Logs in, and out again: "in", "password" where a user who knows one may, "refused" where the key
-- or the user is not taken, "final" where no waiting helps, "busy" where it may; and why
function ssh.try(loop, plan, forward, seconds)
  local done, why, code = ssh.exec(loop, plan, forward, { "true" }, { seconds = seconds })
  if done then return "in" end
  if code ~= "unreachable" then return code == errno.ENOENT and "final" or "busy", why end
  for _, row in ipairs(REFUSALS) do
    if why:find(row[1], 1, true) then return row[2](plan, why) end
  end
  return "busy", why
end

return ssh
