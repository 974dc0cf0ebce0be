-- What a guest is asked to make anew, where it cannot be asked, or answers what it likes: each step
-- that was not done has its reason, and nothing waits for ever.
local fake = require "support.fake_agent"
local fresh = require "lunik.vm.fresh"
local guest = require "lunik.vm.guest"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"

local WHAT = { clock = true, randomness = true, hostname = "clone-1" }

describe("what a guest has to have anew", function()
  -- Runs `fn(guest, agent, loop)` with an agent of these commands, or none, and an architecture.
  local function with(commands, architecture, fn)
    local l <close> = loop.new()
    return l:run(function()
      local chan, agent
      if commands then chan, agent = fake.start(l, commands) end
      local plan = { guest = { agent = commands and {} }, hardware = { arch = architecture } }
      fn(guest.new(l, plan, chan, function() end, function() end), agent, l)
    end)
  end

  -- An agent whose programs come to this state.
  local function coming_to(state)
    return fake.programs { sh = function() return state end }
  end

  it("cannot be asked for where no road leads to it", function()
    with(nil, "x86_64", function(g)
      assert.same({ nil, "clock, randomness, hostname: there is no road to the guest: agent {} or "
                    .. "ssh {} in the recipe gives one", "unreachable" }, { fresh.run(g, WHAT) })
    end)
  end)

  it("is asked for by one call, which tells of no secret", function()
    local seen = {}
    local commands = fake.programs { sh = function(arguments)
      seen[#seen + 1] = arguments
      return { exited = true, exitcode = 0 }
    end }
    with(commands, "x86_64", function(g) fresh.run(g, WHAT) end)
    assert.equal(1, #seen)
    assert.equal(88, #seen[1]["input-data"])         -- 64 bytes in base64
    assert.truthy(seen[1].arg[2]:find("renew_hostname clone-1\n", 1, true))
    assert.falsy(seen[1].arg[2]:find(seen[1]["input-data"], 1, true))
  end)

  it("is the time alone where its agent runs no program", function()
    local set
    with({ ["guest-set-time"] = function(arguments)
      set = arguments.time
      return require("lunik.core").json.object {}
    end }, "x86_64", function(g)
      local report, cut = fresh.run(g, WHAT)
      assert.is_nil(cut)
      assert.is_true(math.abs(set / 1e9 - os.time()) < 5)
      assert.same({ "clock", true }, { report[1].name, report[1].done })
      local left = fresh.left(report)
      assert.equal(2, #left)
      assert.matches("^randomness: agent: guest%-exec: not allowed by the guest's agent", left[1])
      assert.matches("^hostname: agent: guest%-exec: not allowed by", left[2])
    end)
  end)

  it("is all but random numbers where nothing was built for its architecture", function()
    with(coming_to { exited = true, exitcode = 0 }, "pdp11", function(g)
      local left = fresh.left(fresh.run(g, WHAT))
      assert.equal("randomness: this build has no program for guests of pdp11", left[2])
      assert.equal("hostname: the guest says nothing of it", left[3])
    end)
  end)

  -- A guest that does all that it is asked to, and lunik's ssh knows it by a file.
  local function obedient(access)
    local function run_as_root(_, text)
      local mark, out = text:match "lunik%x+", {}
      for name in text:gmatch "\nstep (%S+)" do
        out[#out + 1] = ("%s %s 0 1.0 1.0"):format(mark, name)
      end
      return { status = 0, out = table.concat(out, "\n"), err = "" }
    end
    return { plan = { guest = { ssh = access } }, run_as_root = run_as_root,
             reachable = function() return true end }
  end

  it("is host keys that lunik's own ssh has not seen", function()
    local dir = scratch.new()
    local known = scratch.write(dir .. "/known_hosts", "old")
    local report = fresh.run(obedient { known_hosts = known }, { host_keys = true }, "rest")
    assert.same({}, fresh.left(report))
    assert.is_nil(scratch.list(dir)[1])
    scratch.remove(dir)
  end)

  it("is no host keys where lunik has made them", function()
    local report = fresh.run(obedient { known = true }, { host_keys = true }, "rest")
    assert.same({ "host-keys: the guest has those that lunik has made for it" },
                fresh.left(report))
  end)

  it("has the guest's own words as its reason, and no more of them than are read", function()
    local lies = { [("A"):rep(3 << 20)] = "the guest says nothing of it",
                   ["\27]0;x\7"] = "the guest says nothing of it" }
    for out, why in pairs(lies) do
      with(coming_to { exited = true, exitcode = 0, ["out-data"] = require("lunik.text.base64")
        .encode(out) }, "x86_64", function(g)
        assert.equal("hostname: " .. why, fresh.left(fresh.run(g, { hostname = "x" }))[1])
      end)
    end
    with(coming_to { exited = true, exitcode = 2, ["err-data"] = "bm8gc3VjaCBzaGVsbA==" }, "x86_64",
         function(g)
      assert.equal("hostname: no such shell", fresh.left(fresh.run(g, { hostname = "x" }))[1])
    end)
  end)

  it("is waited for no longer than its time where the guest hangs", function()
    with(coming_to(function() return { exited = false } end), "x86_64", function(g, _, l)
      local began, now = l.now(), l.now
      l.now = function() return began + (now() - began) * 100 end     -- time passes faster
      local report, cut = fresh.run(g, WHAT)
      local left = fresh.left(report)
      assert.equal(3, #left)
      for _, why in ipairs(left) do assert.equal(cut, why:match "^%S+: (.*)") end
      assert.matches("still running after 300 s", cut)
    end)
  end)

  it("is nothing where the agent hears it, and says nothing", function()
    with({ ["guest-exec"] = function() return false end, ["guest-set-time"] = function()
      error "is not asked any more" end }, "x86_64", function(g)
      local left = fresh.left(fresh.run(g, { clock = true, hostname = "clone-1" }, "first", 0.3))
      assert.equal(2, #left)
      for _, why in ipairs(left) do assert.matches("nothing came in time", why) end
    end)
  end)
end)
