-- A user's surroundings of their own, with the real program in them: machines of a spec run here,
-- and what is left of them is looked for here.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local program = require "support.program"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local house = {}
house.__index = house

house.guest = stdlib.realpath "build/guest"
house.program = stdlib.realpath((os.getenv "B" or "build") .. "/lunik")
house.append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off "
               .. "random.trust_cpu=on cryptomgr.notests panic=-1 loglevel=6"

function house.new()
  local self = setmetatable({ dir = scratch.new(), started = {} }, house)
  for _, name in ipairs { "run", "state", "cache" } do stat.mkdir(self.dir .. "/" .. name, 448) end
  self:surroundings()
  return self
end

function house:surroundings()
  self.env = { "PATH=" .. os.getenv "PATH", "HOME=" .. self.dir, "TERM=dumb",
    "XDG_RUNTIME_DIR=" .. self.dir .. "/run", "XDG_STATE_HOME=" .. self.dir .. "/state",
    "XDG_CACHE_HOME=" .. self.dir .. "/cache" }
end

-- Writes a recipe: its path.
function house:recipe(name, text)
  return scratch.write(("%s/%s.lua"):format(self.dir, name), text)
end

-- A recipe of the small guest, with `items`.
function house:small(name, items)
  return self:recipe(name, ([[
    local guest = %q
    return machine { name = %q, accel = "tcg", cpus = 2, memory = "512M",
      kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q,
      %s }]]):format(house.guest, name, house.append, items))
end

-- Runs lunik to its end: exit code, stdout, stderr.
function house:lunik(...)
  local reader, writer = unistd.pipe()
  local child, out = run.start { argv = { house.program, ... }, env = self.env, cwd = self.dir,
                                 fds = { [2] = writer } }
  unistd.close(writer)
  local text, errors = run.drain(out), run.drain(reader)
  local how, status = child:wait(120)
  assert(how == "exited", ("lunik %s: %s %s"):format((...), how, status))
  assert(not errors:find("bug:", 1, true), errors)
  return status, text, errors
end

local EARLY = 5            -- seconds of a guest's clock; the small one runs programs from 2 on

-- Whether a kernel stands still before it has run any program. Under TCG of QEMU 7.2 one with two
-- processors does, once in some hundred starts, whoever has started it.
local function has_hung(errors)
  local last
  for seconds in errors:gmatch "%[ *(%d+)%.%d+%] " do last = tonumber(seconds) end
  return errors:find("not ready in time", 1, true) and last and last < EARLY
end

-- The same where it has to succeed: stdout, stderr. A kernel that hangs at its start is told, and
-- started once more.
function house:does(...)
  local status, text, errors = self:lunik(...)
  if status ~= 0 and (...) == "up" and has_hung(errors) then
    print("a kernel has hung at its start, and is started again:\n" .. errors)
    local name = errors:match "lunik down ([%w._-]+)"
    if name then self:lunik("down", "--force", name) end
    status, text, errors = self:lunik(...)
  end
  assert(status == 0, ("lunik %s: exit %d: %s"):format(table.concat({ ... }, " "), status, errors))
  return text, errors
end

-- What a verb prints with --json.
function house:json(...)
  local value = assert(core.json.decode((self:does(...))))
  assert(value.lunik == 1)
  return value
end

-- Starts lunik, to be talked to (support.program); options: terminal.
function house:start(options, ...)
  options.env, options.cwd = self.env, self.dir
  local one = program.start({ house.program, ... }, options)
  self.started[#self.started + 1] = one
  return one
end

-- Processes that carry this house in their arguments or environment. What keeps memory for forks
-- stays for a while, by design: it counts with `all`.
function house:processes(all)
  local found = {}
  for entry in dirent.files "/proc" do
    for _, name in ipairs { "cmdline", "environ" } do
      local file = entry:find "^%d+$" and io.open(("/proc/%s/%s"):format(entry, name), "rb")
      local text = file and file:read "a" or ""
      if file then file:close() end
      if not all and text:find("\0hold\0/", 1, true) then break end
      if text:find(self.dir, 1, true) and math.tointeger(entry) ~= unistd.getpid() then
        found[#found + 1] = entry .. " " .. text:gsub("%z", " "):sub(1, 100)
        break
      end
    end
  end
  return found
end

-- What is left in the runtime directory, but for how memory is found that is kept for forks.
function house:runtime()
  local left = {}
  for _, name in ipairs(scratch.list(self.dir .. "/run")) do
    if name ~= "lunik" and not name:find "^lunik/%.held%-" then left[#left + 1] = name end
  end
  return left
end

-- Ends what is left, and removes what it left: so that one failure is not followed by others.
function house:clear()
  for _, one in ipairs(self.started) do one:close() end
  self.started = {}
  for _, each in ipairs(self:processes(true)) do
    local proc = core.proc.open(math.tointeger(each:match "^%d+"))
    if proc then
      proc:signal(9)
      proc:wait(60)
      proc:close()
    end
  end
  for _, name in ipairs { "run", "state" } do
    local root = self.dir .. "/" .. name
    scratch.remove(root)
    stat.mkdir(root, 448)
  end
end

function house:close()
  self:clear()
  scratch.remove(self.dir)
end

return house
