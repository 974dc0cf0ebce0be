-- `lunik pool` with a real guest: clones that stand ready are claimed in their order, thrown away
-- after use, and replaced, however their claimers and their pool end.
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a pool", function()
  local home, shim
  setup(function()
    home, shim = house.new(), os.tmpname()
    assert(os.execute("cc -shared -fPIC -o " .. shim .. " spec/support/kill_at.c"))
    home.env[#home.env + 1] = ("LD_PRELOAD=%s %s"):format(os.getenv "LD_PRELOAD" or "", shim)
    home.env[#home.env + 1] = "KILL_AT=" .. home.dir .. "/kill"
    home:does("up", home:small("m", [[memory = { size = "256M", kept = true }, agent {}, nic {}]]))
    home:does("exec", "m", "--", "sh", "-c", "echo nonce-4711 >/run/nonce")
    home:does("save", "m", "m.saved")
    home:does("rm", "m")
  end)
  teardown(function()
    home:close()
    os.remove(shim)
  end)

  local function await(fn)
    local l <close> = loop.new()
    return l:run(function()
      local ends = l.now() + 100
      while l.now() < ends do
        local value = fn()
        if value then return value end
        l:sleep(0.05)
      end
      error("it does not come about", 2)
    end)
  end

  local function pools() return home:json("pools", "--json").pools end

  -- The names of its clones in a state, in their order.
  local function clones(state)
    local names = {}
    for _, one in ipairs((pools()[1] or { clones = {} }).clones) do
      if one.state == state then names[#names + 1] = one.name end
    end
    return names
  end

  local function count(state, number)
    return await(function()
      local names = clones(state)
      return #names == number and names
    end)
  end

  local function kill(pid)
    local proc <close> = assert(core.proc.open(pid))
    proc:signal(9)
  end

  local function nothing_is_left()
    assert.same({}, home:runtime())
    await(function() return #home:processes() == 0 end)
    assert.same({}, scratch.list(home.dir .. "/state/lunik"))
  end

  local function refused(expected, ...)
    local status, out, why = home:lunik(...)
    assert.equal("", out)
    assert.truthy(why:find(expected, 1, true), why)
    return status
  end

  it("gives each claimer a clone of its own, and has others in their places", function()
    local _, said = home:does("pool", "m.saved", "--name", "web", "--warm", "2", "--max", "3")
    assert.truthy(said:find "\nweb: 2 clones stand ready, in %d+M of memory\n$", said)
    local ready = clones "ready"
    assert.equal(2, #ready)

    -- at once: nobody gets what another has, and there are as many as there may be
    local begun, names = {}, {}
    for i = 1, 3 do begun[i] = home:start({}, "claim", "web") end
    for i, one in ipairs(begun) do names[i] = one:expect "(web%-%d+)\n" end
    table.sort(names)
    assert.same(count("claimed", 3), names)
    assert.is_true(names[1] ~= names[2] and names[2] ~= names[3])
    local seen = {}
    for _, name in ipairs(names) do
      local text = home:does("exec", name, "--", "sh", "-c",
        "cat /run/nonce; hostname; cat /proc/sys/kernel/random/uuid")
      local uuid = text:match("^nonce%-4711\n" .. name:gsub("%-", "%%-") .. "\n(%x[%x-]+)\n$")
      assert.truthy(uuid and not seen[uuid], text)
      seen[uuid] = true
    end

    assert.equal(1, refused("no clone of pool 'web' stands ready: it has 3 clones, and --max is 3",
                            "claim", "web", "--no-wait"))
    assert.equal(6, refused("no clone of pool 'web' has become free in time", "claim", "--timeout",
                            "0.1", "web"))
    local fourth = home:start({}, "claim")
    await(function() return pools()[1].waiting == 1 end)
    local table_text = home:does "pools"
    assert.truthy(table_text:find("\nweb   0/2    3        3    1        ", 1, true), table_text)
    assert.truthy(table_text:find("\nweb: it has 3 clones, and --max is 3\n", 1, true), table_text)
    home:does("down", "--force", names[1])
    local name = fourth:expect "(web%-%d+)\n"
    home:does("down", "--force", name, names[2], names[3])

    -- what was used is gone, and remembered nowhere
    await(function()
      local all = pools()[1].clones
      return #all == 2 and all[1].state == "ready" and all[2].state == "ready"
    end)
    for _, each in ipairs(names) do
      assert.falsy(stat.lstat(("%s/state/lunik/%s"):format(home.dir, each)))
    end
    _, said = home:does("pool", "--stop", "web")
    assert.equal("web: stopped\n", said)
    nothing_is_left()
  end)

  it("runs a program in a clone, and throws the clone away", function()
    local text = home:does("pool", "m.saved", "--warm", "1", "--json")
    local status = core.json.decode(text).pool
    assert.same({ "m", 1, 5, "ready" },
                { status.name, status.warm, status.most, status.clones[1].state })
    local first = clones "ready"[1]
    local code, out = home:lunik("claim", "m", "--", "sh", "-c", "hostname; exit 7")
    assert.same({ 7, first .. "\n" }, { code, out })
    -- it has ended; the pool, which forgets it, is in its directories for a moment yet
    await(function()
      return not stat.lstat(("%s/run/lunik/%s"):format(home.dir, first))
             and not stat.lstat(("%s/state/lunik/%s"):format(home.dir, first))
    end)
    assert.equal(127, (home:lunik("claim", "m", "--", "no-such-program")))

    -- one that is killed takes its clone with it
    local one = home:start({}, "claim", "m", "--", "sh", "-c", "hostname; sleep 1000")
    local name = one:expect "(m%-%d+)\n"
    one.proc:signal(9)
    await(function() return not stat.lstat(("%s/state/lunik/%s"):format(home.dir, name)) end)

    local found = core.json.decode((home:does("claim", "m", "--json")))
    assert.same({ found.name, "running" }, { found.status.name, found.status.state })
    local stopped = core.json.decode((home:does("pool", "--stop", "m", "--json")))
    assert.same({ found.name }, stopped.left)
    home:does("down", "--force", found.name)
    home:does("pool", "--stop", "m")
    nothing_is_left()
  end)

  it("has no more than its memory allows", function()
    local _, said = home:does("pool", "m.saved", "--warm", "3", "--budget", "100M")
    assert.truthy(said:find("\nm: more do not: its clones take ", 1, true), said)
    local now = pools()[1]
    assert.is_true(#now.clones < 3 and now.memory + now.memory // #now.clones > 100 << 20)
    assert.truthy(now.held_back:find "^its clones take %d+ MiB, one more some %d+, and %-%-budget")
    local shared = now.memory // #now.clones
    home:does("pool", "--stop", "m")

    -- one that has a copy takes all that was saved, though its guest has touched little of it
    home:does("pool", "m.saved", "--warm", "1", "--memory", "copied")
    local saved = stat.stat(home.dir .. "/m.saved/memory").st_blocks * 512
    assert.is_true(pools()[1].memory > saved and pools()[1].memory > shared)
    home:does("pool", "--stop", "m")
    nothing_is_left()
  end)

  it("that is killed takes with it what nobody has claimed, and is known to the next", function()
    home:does("pool", "m.saved", "--warm", "1", "--max", "3")
    local kept = home:does("claim", "m"):match "%S+"
    local held = home:start({}, "claim", "m", "--", "sh", "-c", "hostname; sleep 9999")
    local name = held:expect "(m%-%d+)\n"
    local waiting = count("ready", 1)[1]
    local pid = pools()[1].pid
    kill(pid)
    await(function() return not stat.lstat(("%s/run/lunik/%s"):format(home.dir, waiting)) end)
    local text = home:does "pools"
    assert.truthy(text:find("\nm: its process is gone: lunik pool FOLDER --name m ", 1, true))
    refused("pool 'm' has no process any more", "claim", "m")
    assert.equal("nonce-4711\n", (home:does("exec", kept, "--", "cat", "/run/nonce")))

    home:does("pool", "m.saved", "--warm", "3", "--max", "3")
    assert.same({ kept, name }, count("claimed", 2))
    local new = clones "ready"
    assert.is_true(#new == 1 and new[1] ~= waiting)
    held.proc:signal(9)
    count("ready", 2)
    home:does("down", "--force", kept)
    count("ready", 3)
    home:does("pool", "--stop", "m")
    nothing_is_left()
  end)

  -- Each time that something is written down: of a start of two clones, and of a claim.
  it("that is killed between two of its steps leaves nothing, and hands out nothing", function()
    local function killed(when, nth, ...)
      scratch.write(home.dir .. "/kill", ("%s %d pool.json\n"):format(when, nth))
      local status, out = home:lunik(...)
      assert.is_true(status ~= 0)
      assert.equal("", out)
      assert.equal("", scratch.read(home.dir .. "/kill"))
      await(function() return #home:processes() == 0 end)
      home:does("pool", "--stop", "m")
      nothing_is_left()
    end
    for _, at in ipairs { { "before", 1 }, { "after", 2 }, { "after", 3 } } do
      killed(at[1], at[2], "pool", "m.saved", "--warm", "2")
    end
    for _, when in ipairs { "before", "after" } do
      home:does("pool", "m.saved", "--warm", "1", "--max", "1")
      killed(when, 1, "claim", "m")
    end
  end)

  it("is a program's, too", function()
    local script = home:recipe("program", [[
      local lunik = require "lunik"
      local pool, problems = lunik.pool { from = arg[1], name = "p", warm = 1, max = 2 }
      if not pool then error(lunik.text(problems)) end
      do
        local vm <close> = assert(pool:claim())
        print(vm.name, (select(2, vm:exec { "cat", "/run/nonce" })))
      end
      local kept = assert(lunik.pool "p":claim { keep = true })
      local held = assert(pool:claim { wait = 100 })
      print(kept.name, held.name, select(3, pool:claim { wait = false }))
      held:close()
      print(#assert(pool:stop()), lunik.text(select(2, lunik.pool "q")))
      kept:stop("done", "quit")
      kept:wait()
      print(lunik.text(select(2, lunik.pool { from = arg[1], warm = 3, max = 2 })))
      print(select(2, pcall(pool.claim, pool, { kept = true })))]])
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    local text = run.output { path = true, argv = { run.interpreter, script,
      home.dir .. "/m.saved" }, env = table.move(home.env, 1, #home.env, 3, env) }
    local first, kept, held = text:match "^(p%-%d+)\tnonce%-4711\n\n(p%-%d+)\t(p%-%d+)\tbusy\n%d\t"
    assert.truthy(first and first ~= kept and kept ~= held, text)
    assert.truthy(text:find("no pool 'q'; did you mean 'p'?\n", 1, true), text)
    assert.truthy(text:find("3 are to stand ready, and there may be only 2\n", 1, true), text)
    assert.truthy(text:find("no option 'kept'; there are: keep, wait", 1, true), text)
    await(function() return #home:processes() == 0 end)
    home:does("pool", "--stop", "p")
    nothing_is_left()
  end)

  it("is a service's process, until that is asked to end", function()
    local one = home:start({}, "pool", "m.saved", "--foreground", "--warm", "1")
    one:expect "\nm: 1 clone stands ready, in %d+M of memory\n"
    assert.equal(7, (home:lunik("claim", "--", "sh", "-c", "exit 7")))
    one.proc:signal(15)
    assert.same({ "exited", 0 }, { one:wait() })
    assert.truthy(one.text:find("\nm: interrupted by SIGTERM\n", 1, true), one.text)
    nothing_is_left()
  end)

  it("says what cannot be", function()
    refused("there is no pool: lunik pool FOLDER makes one", "claim")
    refused("no pool 'x'", "claim", "x", "--", "true")
    refused("no pool 'x'", "pool", "--stop", "x")
    refused("the folder of a saved machine expected", "pool")
    refused("/none: no such folder; lunik ls -a says which machines are saved", "pool", "none")
    refused("warm: a whole number from 1 to 1000 expected, got 'no'", "pool", "m.saved", "--warm",
            "no")
    refused("3 are to stand ready, and there may be only 2", "pool", "m.saved", "--warm", "3",
            "--max", "2")
    refused("--budget: a size", "pool", "m.saved", "--budget", "much")
    refused("a pool's name has at most 52 letters", "pool", "m.saved", "--name", ("a"):rep(60))
    assert.equal(3, refused("mount: ", "pool", "m.saved", "--mount", "none"))
    nothing_is_left()
  end)

  -- the last: a template stays
  it("is of a recipe's template", function()
    local recipe = home:small("t", [[memory = { size = "256M", kept = true }, agent {}, nic {},
      template { prepare = function(vm) vm:exec { "sh", "-c", "echo made >/run/made" } end }]])
    home:does("pool", recipe, "--warm", "1")
    assert.same({ "t" }, { pools()[1].name })
    assert.equal("made\n", (home:does("claim", "--", "cat", "/run/made")))
    home:does("pool", "--stop", "t")
    assert.same({}, home:runtime())
  end)
end)
