-- A cgroup with a limit of memory, where one may be made: of v2, or of v1's controller.
local core = require "lunik.core"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local cgroup = {}
cgroup.__index = cgroup

local FORMS = { { root = "/sys/fs/cgroup", limit = "memory.max" },
                { root = "/sys/fs/cgroup/memory", limit = "memory.limit_in_bytes" } }

-- One without processes | nil
function cgroup.new()
  for _, form in ipairs(FORMS) do
    local path = ("%s/lunik-spec-%d"):format(form.root, unistd.getpid())
    if stat.mkdir(path, 448) == 0 then
      if stat.lstat(path .. "/" .. form.limit) then
        return setmetatable({ path = path, limit = form.limit }, cgroup)
      end
      unistd.rmdir(path)
    end
  end
end

local function write(self, name, text)
  local file <close> = assert(io.open(self.path .. "/" .. name, "w"))
  assert(file:write(text))
  assert(file:flush())
end

-- All in it have so many bytes from now on, and none on a swap.
function cgroup:bound(bytes)
  write(self, self.limit, ("%d"):format(bytes))
  if stat.lstat(self.path .. "/memory.swap.max") then write(self, "memory.swap.max", "0") end
end

-- What starts a program in it.
function cgroup:argv(words)
  return { "sh", "-c", 'echo $$ >"$0" && exec "$@"', self.path .. "/cgroup.procs",
           table.unpack(words) }
end

-- Ends who is in it.
function cgroup:empty()
  for pid in scratch.read(self.path .. "/cgroup.procs"):gmatch "%d+" do
    local proc <close> = core.proc.open(math.tointeger(pid))
    if proc then
      proc:signal(9)
      proc:wait(60)
    end
  end
end

function cgroup:close()
  self:empty()
  assert(unistd.rmdir(self.path))
end
cgroup.__close = cgroup.close

return cgroup
