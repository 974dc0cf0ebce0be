-- A machine `m` that knows a word and is saved in m.saved, in a house of its own, and its clones:
-- what specs about forks share.
local assert = require "luassert"
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local house = require "support.house"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

local clones = setmetatable({}, house)
clones.__index = clones

clones.WORD = "nonce-4711"

-- The house, in which a machine with these items was up and is saved. options: prepare(home), what
-- is done before; script, which its guest runs; reseed, its kernel has just drawn a seed then, and
-- draws no other for seconds; home, a house that is there already;
-- save(home), in place of `lunik save`
function clones.new(items, options)
  options = options or {}
  local self = setmetatable(options.home or house.new(), clones)
  if options.prepare then options.prepare(self) end
  self:does("up", self:small("m", items))
  self:guest("m", ("echo %s >/run/nonce\n"):format(clones.WORD) .. (options.script or ""))
  if options.reseed then self:reseed() end
  if options.save then options.save(self) else self:does("save", "m", "m.saved") end
  return self
end

-- A script by which a guest's kernel draws a seed.
function clones.reseeding()
  local program = core.guest.reseed "x86_64":gsub("[^%w]", function(byte)
    return ("\\0%03o"):format(byte:byte())
  end)
  return ("printf %%b '%s' >/p; chmod 700 /p; head -c 64 /dev/urandom | /p\n"):format(program)
end

function clones:reseed() self:guest("m", clones.reseeding()) end

function clones:guest(name, text) return (self:does("exec", name, "--", "sh", "-c", text)) end

-- Ends the clones that are there; what was saved, and its disks, stay for the next case.
function clones:settle()
  for _, one in ipairs(self:json("ls", "--json").machines) do
    if one.state ~= "down" and one.state ~= "saved" then
      self:lunik("down", "--force", one.name)
    end
  end
  assert.same({}, self:runtime())
end

-- The sum of what is in a file, whose holes are not read.
function clones.sum(path)
  local fd = assert(fcntl.open(path, fcntl.O_RDONLY))
  local copier <close> = core.copy.new(fd)
  unistd.close(fd)
  while copier:step() do end
  return (copier:sum())
end

-- Sums of files of the house, and of all that was saved, by their paths.
function clones:sums(...)
  local found, paths = {}, { ... }
  for _, name in ipairs(scratch.list(self.dir .. "/m.saved")) do
    if name ~= "disks" then paths[#paths + 1] = "m.saved/" .. name end
  end
  for _, path in ipairs(paths) do found[path] = clones.sum(self.dir .. "/" .. path) end
  return found
end

return clones
