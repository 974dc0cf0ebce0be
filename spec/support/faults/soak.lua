-- Rounds of chance: a verb is at work on a machine whose guest boots and mounts, and one of the
-- processes is killed, or stopped for a while, at any moment. After each round what lunik says is
-- what lives, nothing is left that should not be, and the machine can be had again.
-- A round draws from its own seed, so that it can be repeated; how far the verb is at its moment is
-- up to the host.
local after = require "support.faults.after"
local assert = require "luassert"
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local sound = require "support.faults.sound"
local stat = require "posix.sys.stat"
local verbs = require "support.faults.verbs"

local soak = {}
soak.__index = soak

local KILL, TERM, CONT, STOP = 9, 15, 18, 19
local PATIENCE = 90                   -- seconds for a verb to come to its end
local TRIES = 3
local DISKS, SHARES, PORTS = 2, 3, 4

-- A soak of `seed`, in a house of its own; say(text) hears of each round.
function soak.new(seed, say)
  local home = house.new()
  for i = 0, SHARES do
    stat.mkdir(("%s/share%d"):format(home.dir, i), 448)
    scratch.write(("%s/share%d/f"):format(home.dir, i), "shared")
  end
  for i = 1, DISKS do scratch.write(("%s/d%d"):format(home.dir, i), ("\0"):rep(1 << 20)) end
  local recipe = home:small("m", ([[agent {}, mount { from = %q, to = "/share0" },
    stop = { powerdown = 20 }, hotplug { ports = %d }]]):format(home.dir .. "/share0", PORTS))
  return setmetatable({ home = home, seed = seed, say = say, recipe = recipe, last = "" }, soak)
end

-- The machine as `lunik status` has it, or nothing is known of it.
local function look(self)
  for _, one in ipairs(self.home:json("ls", "-a", "--json").machines) do
    if one.name == "m" then return self.home:json("status", "m", "--json") end
  end
  return { state = "none" }
end

local STAYS = { running = true, unsupervised = true, gone = true, down = true, none = true }

-- Waits until it is in a state that lasts.
local function settled(self)
  local one
  for _ = 1, 1200 do
    one = look(self)
    if STAYS[one.state] and not one.step then return one end
    sound.pause(50)
  end
  error(("it stays '%s' (%s)"):format(one.state, one.step))
end

local function lives(pid)
  local proc <close> = core.proc.open(pid)
  return proc and not proc:wait(0)
end

-- Brings it there: "running" or "down".
local function bring(self, wanted)
  local state = look(self).state
  if state == "running" and wanted == "down" then
    local code, _, text = self.home:lunik("down", "--force", "m")
    -- with a daemon that died it has not ended well
    assert.is_true(code == 0 or code == 4, text)
    after.nothing(self.home)
  elseif state ~= "running" and wanted == "running" then
    self.home:does("up", self.recipe)
  end
end

-- Whether a mount's daemon has died and the guest does not let go: it waits for an answer to what
-- it had asked, and nothing but its restart helps. That is what is told.
local function is_lost(self, mount)
  if mount.state ~= "unplugging" then return false end
  for _, helper in ipairs(self.home:json("status", "m", "--json").helpers) do
    if helper.name == mount.id then return false end
  end
  local told = scratch.read(self.home.dir .. "/state/lunik/m/supervisor.log")
  return told:find(mount.tag .. ": the guest does not let go of it", 1, true) ~= nil
end

-- Such a machine goes down all the same.
local function lost(self)
  self.last = self.last .. " -> a mount is lost"
  bring(self, "down")
  return settled(self)
end

-- What has to be true in each state; a name of another state is where it leads.
local truths = {}

function truths.running(self, one)
  assert.is_true(lives(one.supervisor.pid), "its supervisor is gone")
  assert.is_true(lives(one.qemu.pid), "its QEMU is gone")
  if not one.ready then self.home:does("wait", "m", "--for", "ready", "--timeout", "60s") end
  local mounts = sound.settled(self.home, "m", function(mount) return is_lost(self, mount) end)
  for _, mount in ipairs(mounts) do
    if mount.state == "unplugging" then return lost(self) end
  end
  sound.check(self.home, "m", mounts)
end

function truths.unsupervised(self, one)
  assert.is_true(lives(one.qemu.pid), "its QEMU is gone")
  self.home:does("adopt", "m")
  return settled(self)
end

function truths.gone(self)
  self.home:does("down", "m")
  after.nothing(self.home)
end

function truths.down(self) after.nothing(self.home) end
truths.none = truths.down

-- Whether what is said is what lives: how it is then | nil, why not
local function truth(self)
  local one = settled(self)
  local ok, now = pcall(truths[one.state], self, one)
  if not ok then return nil, ("it is '%s', and %s"):format(one.state, tostring(now)) end
  if not now or now.state == one.state then return settled(self) end
  return truth(self)
end

-- Holds what is said against what lives. Asking takes a while, in which a verb whose program was
-- killed may go on: what is wrong once is asked for again.
local function judge(self)
  local one, why
  for _ = 1, TRIES do
    one, why = truth(self)
    if one then return one end
    sound.pause(1000)
  end
  error(why, 0)
end

local VICTIMS = { "cli", "supervisor", "qemu", "virtiofsd" }

-- Which part a process is, by its command line.
local function part(text, pid, cli)
  if pid == cli then return "cli" end
  return text:find("virtiofsd", 1, true) and "virtiofsd" or text:find("qemu-system", 1, true)
         and "qemu" or "supervisor"
end

-- A process of that part, or of another one where there is none: pid, part
local function victim(self, wanted, cli)
  local found = {}
  for _, each in ipairs(self.home:processes()) do
    local pid = math.tointeger(each:match "^%d+")
    found[part(each, pid, cli)] = found[part(each, pid, cli)] or pid
  end
  for i = 0, #VICTIMS - 1 do
    local name = VICTIMS[(wanted + i - 1) % #VICTIMS + 1]
    if found[name] then return found[name], name end
  end
end

-- Stops a process for a while; whoever asks meanwhile gets an answer.
local function suspend(self, proc, who, ms)
  proc:signal(STOP)
  sound.pause(ms)
  local code, _, text = self.home:lunik("ls")
  proc:signal(CONT)
  assert.equal(0, code, ("ls while %s is stopped: %s"):format(who, text))
end

local function strike(self, drawn, cli)
  local pid, who = victim(self, drawn.victim, cli)
  local proc <close> = pid and core.proc.open(pid)
  self.last = ("%s, after %d ms %s %s"):format(drawn.verb[1], drawn.ms, drawn.kill and "kill"
    or ("stop for %d ms"):format(drawn.pause), who or "nobody")
  if not proc then return end
  if drawn.kill then proc:signal(KILL) else suspend(self, proc, who, drawn.pause) end
end

-- Waits for the verb's end: `lunik run` has none of its own.
local function finish(self, asked, verb)
  if verb == "run" and asked.proc:wait(0) == nil then asked.proc:signal(TERM) end
  local how, code = asked:wait(PATIENCE)
  self.last = ("%s: %s %s"):format(self.last, how or "hangs", code or "")
  assert(how, "it hangs: " .. asked.text)
  assert(not asked.text:find("traceback", 1, true) and not asked.text:find("bug:", 1, true),
         asked.text)
  assert(code ~= 70, asked.text)
end

local function draw(self, number)
  math.randomseed(self.seed, number)
  local verb = verbs[math.random(#verbs)]
  return { verb = verb, ms = math.random(verb[3]) - 1, victim = math.random(#VICTIMS),
           kill = math.random(3) > 1, pause = math.random(1200), ends = math.random(4) == 1 }
end

local function play(self, number)
  local drawn = draw(self, number)
  self.last = drawn.verb[1]
  bring(self, drawn.verb[2])
  local arguments = drawn.verb[4](self) or { "mounts", "m" }
  local asked = self.home:start({}, table.unpack(arguments))
  sound.pause(drawn.ms)
  strike(self, drawn, asked.proc:pid())
  finish(self, asked, drawn.verb[1])
  local one = judge(self)
  self.last = self.last .. " -> " .. one.state
  if drawn.ends then bring(self, "down") end
end

-- What was in the logs when a round failed.
local function evidence(self)
  local lines = {}
  for _, one in ipairs(self.home.started) do lines[#lines + 1] = one.text end
  local log = io.open(self.home.dir .. "/state/lunik/m/supervisor.log")
  if log then
    lines[#lines + 1] = log:read "a":sub(-3000)
    log:close()
  end
  table.move(self.home:processes(), 1, 20, #lines + 1, lines)
  return table.concat(lines, "\n")
end

-- Plays one round: true | nil, why. What a failed one leaves is removed.
function soak:round(number)
  local ok, why = xpcall(play, function(problem)
    return tostring(problem) .. "\n" .. evidence(self)
  end, self, number)
  self.say(("round %d of seed %d: %s%s"):format(number, self.seed, self.last,
    ok and "" or "\n  FAILED: " .. why))
  if ok then
    for _, one in ipairs(self.home.started) do one:close() end
    self.home.started = {}
    return true
  end
  self.home:clear()
  return nil, why
end

-- Whatever the last round left, `down --force` takes it away.
function soak:finish()
  bring(self, "down")
  after.nothing(self.home)
end

function soak:close() self.home:close() end

return soak
