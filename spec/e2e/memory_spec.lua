-- What a supervisor keeps of a large answer, once it is over: nothing. Figures are printed.
local house = require "support.house"
local loop = require "lunik.async.loop"

local OUTPUT = 16 << 20    -- bytes: the most that a guest's agent keeps
local BACK = 8             -- megabytes over what it took before, and afterwards at most

describe("the memory of who runs a machine #measured", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  -- Megabytes of its own, not those of programs and libraries, which it shares.
  local function resident(pid)
    local file <close> = assert(io.open(("/proc/%d/status"):format(pid)))
    return math.tointeger(file:read "a":match "RssAnon:%s+(%d+)") / 1024
  end

  -- Has the guest say so much, and waits until what it cost is gone.
  local function spent(pid)
    home:does("exec", "m", "--", "true")
    local before = resident(pid)
    local text = home:does("exec", "m", "--", "head", "-c", ("%d"):format(OUTPUT), "/dev/zero")
    assert.equal(OUTPUT, #text)
    local after, l = resident(pid), loop.new()
    local ends = l.now() + 30
    l:run(function()
      while resident(pid) - before > BACK and l.now() < ends do l:sleep(0.2) end
    end)
    l:close()
    io.stdout:write(("exec of 16 MB: resident %.1f MB before, %.1f MB at its end, %.1f MB after\n")
      :format(before, after, resident(pid)))
    return resident(pid) - before
  end

  it("falls back after an exec in a supervisor", function()
    home:does("up", home:small("m", "agent {}"))
    assert.is_true(spent(home:json("status", "--json", "m").supervisor.pid) <= BACK)
    home:does("down", "--force", "m")
  end)

  it("falls back after an exec in lunik run", function()
    local one = home:start({ terminal = true }, "run", home:small("m", "agent {}"))
    one:expect("ready after", 60)
    assert.is_true(spent(one.proc:pid()) <= BACK)
    home:does("down", "--force", "m")
    one:wait(60)
  end)
end)
