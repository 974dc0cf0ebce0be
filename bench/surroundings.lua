-- SPDX-License-Identifier: MIT
-- A directory of its own for a bench, in which its machines live whatever XDG_* says; and a keeper,
-- a process that outlives the bench, however that ends: it ends what the bench has left running,
-- and removes the directory.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local surroundings = {}

local PASSES = 10               -- what is ended may have started something

-- A runtime directory is a tmpfs wherever there is a systemd, and so it is here.
local function directory()
  local name = "/lunik-bench.XXXXXX"
  return stdlib.mkdtemp("/dev/shm" .. name) or assert(stdlib.mkdtemp("/tmp" .. name))
end

local function text(path)
  local file = io.open(path, "rb")
  if not file then return "" end
  local _ <close> = file
  return file:read "a" or ""
end

-- The processes that carry the directory in their arguments or environment.
function surroundings.processes()
  local found = {}
  for entry in dirent.files "/proc" do
    local pid = math.tointeger(entry)
    for _, name in ipairs(pid and pid ~= unistd.getpid() and { "cmdline", "environ" } or {}) do
      if text(("/proc/%d/%s"):format(pid, name)):find(surroundings.dir, 1, true) then
        found[#found + 1] = pid
        break
      end
    end
  end
  return found
end

local function end_all()
  for _ = 1, PASSES do
    local list = surroundings.processes()
    if #list == 0 then return end
    for _, pid in ipairs(list) do
      local process = core.proc.open(pid)
      if process then
        process:signal(9)
        process:wait(5)
        process:close()
      end
    end
  end
end

local function keep(reader)
  unistd.setpid "s"
  repeat local bytes = unistd.read(reader, 1) until not bytes or bytes == ""
  end_all()
  unistd.chdir "/"
  unistd.execp("rm", { [0] = "rm", "-rf", "--one-file-system", surroundings.dir })
  unistd._exit(1)
end

surroundings.dir = directory()
for variable, name in pairs { XDG_RUNTIME_DIR = "/run", XDG_STATE_HOME = "/state",
                              XDG_CACHE_HOME = "/cache" } do
  stat.mkdir(surroundings.dir .. name, 448)
  stdlib.setenv(variable, surroundings.dir .. name)
end

local reader, writer = unistd.pipe()
local pid = assert(unistd.fork())
if pid == 0 then
  unistd.close(writer)
  keep(reader)
end
unistd.close(reader)

-- A bench that ends by itself waits for its keeper.
surroundings.kept = setmetatable({}, { __gc = function()
  unistd.close(writer)
  wait.wait(pid)
end })

return surroundings
