-- `lunik apply` whose supervisor is killed between each two of its steps, and in the midst of each:
-- what is written down is what was done, and asked again it does the rest. The specs of a machine
-- share its boot, and each leads from one of two recipes to the other.
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local home, shim
setup(function()
  home, shim = house.new(), os.tmpname()
  assert(os.execute("cc -shared -fPIC -o " .. shim .. " spec/support/kill_at.c"))
  home.env[#home.env + 1] = ("LD_PRELOAD=%s %s"):format(os.getenv "LD_PRELOAD" or "", shim)
  home.env[#home.env + 1] = "KILL_AT=" .. home.dir .. "/kill"
end)
teardown(function()
  home:close()
  os.remove(shim)
end)

local function guest(script) return (home:does("exec", "dev", "--", "sh", "-c", script)) end

-- All of the machine but for slots, ids and ports that were chosen.
local function state_of()
  local now, out = home:json("status", "dev", "--json"), { mounts = {}, forwards = {} }
  for _, one in ipairs(now.mounts) do
    out.mounts[one.tag] = { one.from, one.to, one.readonly, one.state, one.type }
  end
  for _, one in ipairs(now.forwards) do
    out.forwards[one.name] = { one.protocol, one.address, one.guest }
  end
  out.cpus, out.memory, out.changed = now.cpus, now.memory.configured, now.changed
  return out, now.applied
end

local function states(applied)
  local list = {}
  for i, step in ipairs(applied and applied.steps or {}) do list[i] = step.state end
  return table.concat(list, " ")
end

-- What is written down of `count` steps where the time `nth` of writing it down was the last, or
-- did not come about.
local function expected(count, when, nth)
  local written = when == "after" and nth or nth - 1
  local list = {}
  for i = 1, count do
    list[i] = written >= 2 * i and "done" or written == 2 * i - 1 and "doing" or "waiting"
  end
  return table.concat(list, " "), written == 2 * count + 1 and "over" or "interrupted"
end

-- Applies with a supervisor that is killed, and says what is known then, before and after somebody
-- adopts the machine.
local function killed(when, nth, file)
  scratch.write(home.dir .. "/kill", ("%s %d %s\n"):format(when, nth, file or "apply.json"))
  local status, out, errors = home:lunik("apply", "dev")
  if status == 0 then return nil end
  assert.same({ 1, "", "" }, { status, out, scratch.read(home.dir .. "/kill") })
  assert.matches("%f[^\n\0]lunik apply: ", errors)
  local alone = home:json("status", "dev", "--json")
  assert.equal("unsupervised", alone.state)
  home:does("adopt", "dev")
  local adopted = home:json("status", "dev", "--json")
  assert.same(alone.applied, adopted.applied)
  return adopted.applied
end

-- Each kill of an apply of that many steps: `each(when, nth)` of it.
local function kills(count, each)
  for nth = 1, 2 * count + 1 do
    each("before", nth)
    -- after a step that is done is before the next
    if nth % 2 == 1 then each("after", nth) end
  end
end

describe("a machine whose supervisor is killed while it becomes what its recipe says", function()
  local function recipe(...)
    return home:small("dev", table.concat({ "agent {}", "hotplug { ports = 6 }", ... }, ",\n"))
  end

  local function one()
    return recipe("nic { forward = { ssh = 22, old = 81 } }",
      'mount { from = "src", to = "/work" }', 'mount { from = "doc", to = "/doc" }',
      'on("STOP", function() print "one" end)')
  end

  local function other()
    return recipe("nic { forward = { ssh = 22, web = 80 } }",
      'mount { from = "src", to = "/work", readonly = true }', 'nic { id = "lan" }',
      'on("STOP", function() print "other" end)')
  end

  local SEEN = [[cat /work/which; ls /sys/class/net | sort; cat /doc/which 2>/dev/null
    grep -c virtiofs /proc/mounts; touch /work/x 2>/dev/null; echo $?]]

  local wanted, now = {}, "one"
  local recipes = { one = one, other = other }

  local function to(name)
    recipes[name]()
    now = name
  end

  setup(function()
    for _, name in ipairs { "src", "doc" } do
      stat.mkdir(home.dir .. "/" .. name, 493)
      scratch.write(("%s/%s/which"):format(home.dir, name), name)
    end
    for _, name in ipairs { "other", "one" } do
      to(name)
      home:does("up", home.dir .. "/dev.lua")
      wanted[name] = { state_of(), guest(SEEN) }
      if name == "other" then home:does("down", "--force", "dev") end
    end
  end)
  teardown(function()
    scratch.write(home.dir .. "/kill", "")
    home:lunik("down", "--force", "dev")
  end)

  local COUNT = 7    -- functions, a plug, a forward, a replacement (two), one of each that goes

  local function turn() to(now == "one" and "other" or "one") end

  local function finishes()
    home:does("apply", "dev")
    local state, applied = state_of()
    assert.same(wanted[now], { state, guest(SEEN) })
    assert.equal("over", applied.state)
    assert.same({ "", "dev: it is what its recipe says\n" }, { home:does("apply", "dev") })
  end

  kills(COUNT, function(when, nth)
    it(("%s what is written down the %d. time: says what is done, and goes on"):format(when, nth),
       function()
      turn()
      local before = states(home:json("status", "dev", "--json").applied)
      local applied = killed(when, nth)
      local steps, state = expected(COUNT, when, nth)
      if when == "before" and nth == 1 then
        assert.equal(before, states(applied))
      else
        assert.same({ steps, state }, { states(applied), applied.state })
      end
      finishes()
    end)
  end)

  it("goes on where a device is half there", function()
    local half = 0
    while true do
      turn()
      local applied = killed("before", half + 1, "vm.json")
      if not applied then break end
      half = half + 1
      assert.equal("interrupted", applied.state)
      finishes()
    end
    assert.is_true(half > COUNT, half)
  end)
end)

describe("a machine whose supervisor is killed while it gets more CPUs and memory", function()
  local function recipe(memory, cpus)
    return home:recipe("dev", ([[return machine { name = "dev", accel = "tcg", memory = %q,
      cpus = %d, hotplug { ports = 2, memory = "1G", cpus = 4 } }]]):format(memory, cpus))
  end

  after_each(function() home:lunik("down", "--force", "dev") end)

  local function finishes()
    home:does("apply", "dev")
    local now = state_of()
    assert.same({ 3, 256 << 20 }, { now.cpus, now.memory })
    assert.same({ "", "dev: it is what its recipe says\n" }, { home:does("apply", "dev") })
  end

  kills(2, function(when, nth)
    it(("%s what is written down the %d. time: has as much as its recipe says"):format(when, nth),
       function()
      home:does("up", recipe("128M", 1))
      recipe("256M", 3)
      local applied = killed(when, nth)
      if when == "before" and nth == 1 then
        assert.is_nil(applied)
      else
        assert.same({ expected(2, when, nth) }, { states(applied), applied.state })
      end
      finishes()
    end)
  end)
end)
