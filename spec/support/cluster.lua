-- A Slurm of scripts/slurm in a folder of its own, with an ordinary user's home in it: lunik is
-- installed beside, and the small guest copied, since that user may not see this checkout.
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local poll = require "posix.poll"
local program = require "support.program"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local cluster = {}
cluster.__index = cluster

local NOBODY = 65534
local LOOK = 300           -- milliseconds between two looks: Slurm's states cannot be waited on

local function does(argv, env)
  local text, how, status = run.output { argv = argv, path = true, env = env or {
    "PATH=" .. os.getenv "PATH" }, fds = { [2] = 2 } }
  assert(how == "exited" and status == 0, table.concat(argv, " ") .. ": " .. tostring(text))
  return text
end

local function install(prefix)
  local build = os.getenv "B" or "build"
  does { "make", "-s", "install", "PREFIX=" .. prefix, "DESTDIR=", "B=" .. build }
end

-- Whether jobs can be another user's.
local function is_root() return unistd.geteuid() == 0 end

local function surroundings(self)
  local home = self.dir .. "/home"
  self.env = { "PATH=" .. os.getenv "PATH", "HOME=" .. home, "USER=nobody", "TERM=dumb",
    "SLURM_CONF=" .. self.slurm .. "/slurm.conf", "TMPDIR=" .. self.dir .. "/tmp" }
  return home
end

function cluster.new(...)
  local self = setmetatable({ dir = scratch.new(), started = {} }, cluster)
  stat.chmod(self.dir, 493)
  self.slurm = self.dir .. "/slurm"
  self.home = surroundings(self)
  for _, name in ipairs { self.home, self.dir .. "/tmp", self.dir .. "/guest" } do
    stat.mkdir(name, 493)
    if is_root() and name ~= self.dir .. "/guest" then unistd.chown(name, NOBODY, NOBODY) end
  end
  does { "cp", house.guest .. "/vmlinux", house.guest .. "/initramfs.img", self.dir .. "/guest" }
  does { "chmod", "-R", "a+rX", self.dir .. "/guest" }
  install(self.dir .. "/lunik")
  self:does("start", ...)
  return self
end

-- A verb of scripts/slurm.
function cluster:does(verb, ...) return does { "scripts/slurm", verb, self.slurm, ... } end

-- One of Slurm's programs, by root: what it prints.
function cluster:asks(...) return does({ ... }, self.env) end

local function as_user(self, argv)
  local prefix = is_root() and { "setpriv", "--reuid", tostring(NOBODY), "--regid",
    tostring(NOBODY), "--clear-groups" } or {}
  prefix[#prefix + 1] = self.dir .. "/lunik/bin/lunik"
  return table.move(argv, 1, #argv, #prefix + 1, prefix)
end

-- Runs lunik by the user, in their home: exit code, stdout, stderr.
function cluster:lunik(...)
  local reader, writer = unistd.pipe()
  local child, out = run.start { argv = as_user(self, { ... }), path = true, env = self.env,
                                 cwd = self.home, fds = { [2] = writer } }
  unistd.close(writer)
  local text, errors = run.drain(out), run.drain(reader)
  local how, status = child:wait(120)
  assert(how == "exited", ("lunik %s: %s %s"):format((...), how, status))
  assert(not errors:find("bug:", 1, true), errors)
  return status, text, errors
end

-- Starts lunik by the user, to be talked to (support.program).
function cluster:start(...)
  local one = program.start(as_user(self, { ... }), { env = self.env, cwd = self.home })
  self.started[#self.started + 1] = one
  return one
end

-- A recipe of the small guest, with `items`: its name.
function cluster:recipe(name, items)
  scratch.write(("%s/%s.lua"):format(self.home, name), ([[
    local guest = %q
    return machine { name = %q, accel = "tcg", memory = "128M", results = "/out",
      kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q,
      agent {}, console {}, %s }]]):format(self.dir .. "/guest", name, house.append, items or ""),
    420)
  return name .. ".lua"
end

-- Submits: the array's name, "slurm:12", and its folder.
function cluster:submit(...)
  local status, text, errors = self:lunik("submit", "--json", ...)
  assert(status == 0, errors)
  local found = assert(core.json.decode(text))
  return found.batch, found.folder
end

-- The jobs of an array, as `lunik jobs --json` has them.
function cluster:jobs(batch)
  local status, text, errors = self:lunik("jobs", "--json", batch)
  assert(status == 0, errors)
  return assert(core.json.decode(text)).batches[1].jobs
end

-- Until the guest of a job is ready.
function cluster:ready(job)
  local log = self:start("logs", "-f", "-n", "1000", job)
  log:expect("lunik: ready after", 120)
  log:close()
end

-- Until `fn` returns something true: that.
function cluster.until_true(_, what, seconds, fn)
  local ends = loop.now() + seconds
  while true do
    local found = fn()
    if found then return found end
    assert(loop.now() < ends, what .. " did not come true")
    poll.poll({}, LOOK)
  end
end

-- The number by which Slurm itself knows a job, its state, its node's number.
function cluster:state(job)
  local text = self:asks("squeue", "--noheader", "--array", "--states=all",
    "--format=%F_%K|%A|%T|%N")
  local key = job:match ":(.*)"
  for line in text:gmatch "[^\n]+" do
    local found, id, state, node = line:match "^(.-)|(.-)|(.-)|(.*)$"
    if found == key then return id, state, node:match "%-(%d+)$" end
  end
end

-- What is left of jobs on the nodes: processes, folders, but for images that nodes keep.
function cluster:left()
  local found = {}
  for _, entry in ipairs(house.processes(self)) do
    if not entry:find "munged" and not entry:find "slurm" then found[#found + 1] = entry end
  end
  for _, name in ipairs(require "posix.dirent".dir(self.dir .. "/tmp")) do
    if name:find "^lunik" and not name:find "^lunik%-cache" then found[#found + 1] = name end
  end
  return found
end

function cluster:close()
  for _, one in ipairs(self.started) do one:close() end
  self:does "stop"
  run.output { argv = { "rm", "-rf", self.dir }, path = true }
end

return cluster
