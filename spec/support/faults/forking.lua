-- A saved machine of which a clone is started, whose supervisor stays at any step of that: the
-- steps are lunik's own, each written down before it begins. What has to be true after a fault
-- there is here, too: the clone is whole, or gone; what was saved is what it was.
local after = require "support.faults.after"
local assert = require "luassert"
local clones = require "support.clones"
local restore = require "lunik.vm.restore"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local staying = require "support.faults.staying"

local forking = setmetatable({}, staying)
forking.__index = forking

-- { name, text (of the record, which nothing before has), at (what there is by then) }
forking.steps = {}

local function add(word, name, has)
  forking.steps[#forking.steps + 1] = { name = name, text = ('"%s":"%s"'):format(word, name),
                                        has = has }
end

add("step", "files and helpers", {})
add("step", "qemu", {})
add("step", "handshake", { qemu = true })
for _, step in ipairs(restore.steps) do add("doing", "restore: " .. step[1], { qemu = true }) end
add("step", "running", { qemu = true })
for _, step in ipairs(restore.last_steps) do
  add("doing", "restore: " .. step[1], { qemu = true })
end

-- In a house that is there already, or in a new one. bare: nobody has virtiofsd here.
function forking.new(home, bare)
  local self = setmetatable({ bare = bare }, forking)
  self.home = clones.new([[agent {}, nic {}, hotplug { ports = 4 },
    disk { file = "base.qcow2", overlay = true }]] .. (bare and "" or
    [[, mount { from = "work", to = "/work" }]]), { home = home, prepare = function(one)
      for _, name in ipairs { "work", "out-1" } do
        stat.mkdir(one.dir .. "/" .. name, 448)
        scratch.write(one.dir .. "/" .. name .. "/f", "shared\n")
      end
      os.execute("qemu-img create -q -f qcow2 " .. one.dir .. "/base.qcow2 64M")
    end })
  staying.prepare(self, self.home)
  self.before = self:sums()
  return self
end

function forking:sums() return self.home:sums("base.qcow2") end

-- The arguments by which a clone is started.
function forking:arguments(...)
  local words = { "fork", "m.saved", ... }
  if not self.bare then
    words[#words + 1], words[#words + 2] = "--mount", "out-{n}:/out"
  end
  return table.unpack(words)
end

-- Has a clone stay where a text is about to be written down.
function forking:reach(text) self:stay(text, "m-1", self:arguments()) end

-- It is another machine, and has all that was asked for.
-- options: mounts = "any", whatever has become of them
function forking:is_whole(options)
  assert.equal("running", (self:state()))
  assert.equal(clones.WORD .. "\nm-1\n", self.home:guest("m-1", "cat /run/nonce; hostname"))
  if not self.bare and not (options and options.mounts) then
    assert.equal("shared\nshared\n", self.home:guest("m-1", "cat /work/f /out/f"))
  end
end

function forking:state()
  for _, one in ipairs(self.home:json("ls", "-a", "--json").machines) do
    if one.name == "m-1" then return one.state end
  end
  return "none"
end

-- Nothing of it is left, and what was saved is what it was.
function forking:is_gone()
  after.gone(self.home)
  assert.same({}, self.home:runtime())
  for _, path in ipairs(scratch.list(self.home.dir .. "/state")) do
    assert.falsy(path:find "^lunik/m%-1/.*%.qcow2" or path:find "%.part$", "left: " .. path)
  end
  assert.same(self.before, self:sums())
end

-- Another clone can be had.
function forking:again()
  self.home:does(self:arguments())
  self:is_whole()
  self.home:does("down", "--force", "m-1")
  self:is_gone()
end

return forking
