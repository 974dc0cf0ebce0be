-- A machine that is saved and restored, and stays at any step of that: the steps are lunik's own
-- lists, and each is written down before it begins, which is where the supervisor stays
-- (support.faults.staying). What has to be true after a fault there is here, too: a machine that
-- runs, or a whole saved one, and nothing else.
local after = require "support.faults.after"
local assert = require "luassert"
local commit = require "lunik.vm.commit"
local fork = require "lunik.vm.fork"
local house = require "support.house"
local restore = require "lunik.vm.restore"
local save = require "lunik.vm.save"
local scratch = require "support.scratch"
local sound = require "support.faults.sound"
local stat = require "posix.sys.stat"
local staying = require "support.faults.staying"

local away = setmetatable({}, staying)
away.__index = away

local ON_DISK = "dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -n 1"

local function add(list, what, steps, phase)
  for _, step in ipairs(steps) do
    list[#list + 1] = { name = what .. ": " .. step[1], phase = phase }
  end
end

-- The steps of a save, and of a restore with what follows; phase: what a death before the step ends
-- leaves. "undone": nothing was begun; "kept": what was saved is whole still; "whole": it is saved;
-- "moved": the machine has gone on.
away.saving, away.restoring, away.forking = {}, {}, {}
add(away.forking, "fork", fork.steps, "undone")
add(away.saving, "save", save.steps, "undone")
add(away.saving, "save", save.last_steps, "whole")
add(away.restoring, "restore", restore.steps, "undone")
add(away.restoring, "restore", restore.last_steps, "kept")
add(away.restoring, "commit", commit.steps, "kept")
add(away.restoring, "commit", commit.disk_steps, "moved")

-- In the surroundings of a house that is there already, or in new ones. `disk`: the folder of all
-- that lasts; bare: no mount; passing: its disk goes with it.
function away.new(home, disk, bare, passing)
  local self = setmetatable({ nonce = 0 }, away)
  home = home or house.new()
  self.disk, self.bare = disk or home.dir, bare
  self.saved = self.disk .. "/m.saved"
  staying.prepare(self, home)
  stat.mkdir(home.dir .. "/work", 448)
  if passing then
    assert(os.execute(("qemu-img create -q -f qcow2 '%s/own.qcow2' 64M"):format(self.disk)))
  end
  self.recipe = home:small("m", ([[agent {}, hotplug { ports = 4 },
    disk { file = %q, %s, id = "own" }, %s]]):format(
    self.disk .. "/own.qcow2", passing and "overlay = true" or [[create = true, size = "64M"]],
    bare and "" or [[mount { from = "work", to = "/work" }]]))
  return self
end

function away:guest(text) return (self.home:does("exec", "m", "--", "sh", "-c", text)) end

-- A guest that alone knows a word, which is on its disk, too, and which writes there all the time.
function away:begin()
  self.nonce = self.nonce + 1
  self.home:does("up", self.recipe)
  self:guest(([[echo nonce-%d >/run/nonce
    dd if=/run/nonce of=/dev/vda bs=512 conv=sync,notrunc oflag=direct 2>/dev/null
    (n=0; while sleep 0.2; do n=$((n + 1)); echo $n >/run/part; mv /run/part /run/tick
      dd if=/run/tick of=/dev/vda bs=512 seek=8 conv=sync,notrunc oflag=direct
    done) >/dev/null 2>&1 &]]):format(self.nonce))
end

-- Brings it there, whatever is there: it runs, or is saved.
function away:bring(wanted)
  local state = after.state(self.home)
  local whole = stat.lstat(self.saved) and not stat.lstat(self.saved .. "/used")
  if wanted == "running" then
    if state ~= "running" and whole then self.home:does("restore", self.saved) end
    if self:state() ~= "running" then self:begin() end
    self:drop_used()
  elseif wanted == "saved" and not whole then
    if state ~= "running" then self:begin() end
    self:drop_used()
    self.home:does("save", "m", self.saved)
  end
end

-- What has been used is in the way of what is saved next.
function away:drop_used()
  if stat.lstat(self.saved) then scratch.remove(self.saved) end
end

-- Starts a verb, whose supervisor stays where it begins with a step.
function away:reach(step, ...) self:stay(('"doing":"%s"'):format(step), "m", ...) end

-- What of a save or a restore lies about that should not.
local function litter(self)
  local found = {}
  for _, dir in ipairs { self.disk, self.home.dir .. "/state/lunik/m" } do
    for _, name in ipairs(scratch.list(dir)) do
      if name:find "%.partial%-" or name:find "%.frozen" or name:find "%.restored%.qcow2"
         or name:find "%.part$" or name:find "^%.?forked%-[^/]*$" or name:find "%.forked%-"
         or name:find "%.written%-" then
        found[#found + 1] = name
      end
    end
  end
  return found
end

local function is_sound(self)
  assert(os.execute(("qemu-img check -q '%s/own.qcow2' >/dev/null"):format(self.disk)))
end

function away:state() return (after.state(self.home)) end

-- Waits until whoever took a restored machine over has done the rest.
function away:settles()
  for _ = 1, 600 do
    local record = scratch.read(self.home.dir .. "/run/lunik/m/vm.json")
    if not record:find('"doing":', 1, true) and record:find('"ready":true', 1, true) then return end
    sound.pause(100)
  end
  error("it does not come to its end: " .. scratch.read(self.home.dir .. "/run/lunik/m/vm.json"))
end

-- It runs as it was, with its mount and its disk, and nothing of a save is there.
-- options: mount = "any", whatever has become of that; above: what it writes is kept apart still
function away:runs(options)
  assert.equal("running", self:state())
  local word = ("nonce-%d\n"):format(self.nonce)
  assert.equal(word, self:guest "cat /run/nonce")
  assert.equal(word, self:guest(ON_DISK))
  assert.is_true(tonumber(self:guest "cat /run/tick") > 0)
  if not self.bare and not (options and options.mount) then
    local mounts = self.home:json("mounts", "--json", "m").mounts
    assert.same({ "mounted" }, { mounts[1] and mounts[1].state, mounts[2] and mounts[2].state })
    self:guest "echo x >/work/x"
  end
  if options and options.above then return end
  assert.same({}, litter(self))
  local nodes = self.home:does("qmp", "m", "query-named-block-nodes", [[{"flat":true}]])
  assert.falsy(nodes:find("own-top", 1, true))
  assert.falsy(nodes:find("own.f", 1, true))
end

-- Its clone is whole, and goes.
function away:has_clone()
  assert.equal(("nonce-%d\n"):format(self.nonce),
               (self.home:does("exec", "m-1", "--", "cat", "/run/nonce")))
  self.home:does("down", "--force", "m-1")
end

-- It runs as it was, what it writes is above what clones stood on, and nothing of those is there.
function away:runs_without()
  self:runs { above = true }
  for _, one in ipairs(self.home:json("ls", "--json").machines) do assert.equal("m", one.name) end
  for _, path in ipairs(scratch.list(self.home.dir .. "/state/lunik")) do
    assert.falsy(path:find "^m/%.?forked%-[^/]*$" or path:find "^m%-1/.*%.qcow2", "left: " .. path)
  end
end

-- Nothing of it runs.
function away:is_over()
  after.gone(self.home)
  assert.same({}, self.home:runtime())
  is_sound(self)
end

-- It is saved, and whole; nothing runs.
function away:is_saved()
  self:is_over()
  self.home:does("check", "--verify", self.saved)
  assert.falsy(stat.lstat(self.saved .. "/used"))
  for _, name in ipairs(litter(self)) do assert.equal("own.qcow2.frozen", name) end
end

-- It is not saved, and nothing of it runs or lies about.
function away:is_down()
  self:is_over()
  assert.falsy(stat.lstat(self.saved))
  assert.same({}, litter(self))
  assert.equal("down", (after.state(self.home)))
end

-- It had gone on, and has ended: its disk has what it wrote, and nobody goes on from what was
-- saved.
function away:has_moved()
  after.gone(self.home)
  assert.same({}, self.home:runtime())
  for _, again in ipairs { "--name=m", "--again" } do
    local code, _, why = self.home:lunik("restore", self.saved, again)
    assert.is_true(code ~= 0)
    assert.truthy(why:find("was restored already", 1, true) or why:find("has moved on", 1, true)
                  or why:find("own.qcow2 was written to since", 1, true), why)
  end
  self.home:does("up", self.recipe)
  assert.same({}, litter(self))
  assert.equal(("nonce-%d\n"):format(self.nonce), self:guest(ON_DISK))
  self.home:does("down", "--force", "m")
  self:is_over()
  self:drop_used()
end

return away
