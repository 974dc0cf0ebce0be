-- A guest over its boots: when it can be spoken to, and its mounts each time.
local base64 = require "lunik.text.base64"
local errno = require "posix.errno"
local fake = require "support.fake_agent"
local guest = require "lunik.vm.guest"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("guest", function()
  local told, dir, WORK
  before_each(function()
    told, dir = {}, scratch.new()
    WORK = { tag = "work", type = "virtiofs", to = "/work", from = dir }
  end)
  after_each(function()
    assert.same({}, scratch.list(dir))
    scratch.remove(dir)
  end)

  -- Programs of a guest with mounts; `state.refuse` mounts fail first.
  local function programs(state)
    local function ok(out)
      return { exited = true, exitcode = 0, ["out-data"] = base64.encode(out or "") }
    end
    return fake.programs {
      -- the script that mounts: its arguments are tag, type, place, options, source, "new", "owner"
      sh = function(arguments)
        state.refuse = (state.refuse or 0) - 1
        if state.refuse >= 0 then
          return { exited = true, exitcode = 32, ["err-data"] = base64.encode "no such device" }
        end
        local place = arguments.arg[6]
        local how = state.mounts[place] and "there" or "mounted"
        state.mounts[place] = arguments.arg[4]
        return ok(("%s \n%d %s\n"):format(how, state.inode or 7, state.locked and "" or "rw"))
      end,
    }
  end

  local function tell(kind, text) told[#told + 1] = kind .. ": " .. text end

  -- Runs `fn(guest, state, loop)` with a guest whose agent is a fake.
  local function with_agent(fn, commands)
    local state, share = { mounts = {} }, nil
    local l <close> = loop.new()
    l:run(function()
      local chan, other = fake.start(l, commands or programs(state))
      local plan = { name = "dev", guest = { agent = {} } }
      local g = guest.new(l, plan, chan, nil, tell)
      share = g:add(WORK)
      l:spawn("guest", g.work, g)
      l:pass()
      fn(g, state, share, other)
    end)
  end

  it("says nothing to an agent that has not opened its port", function()
    with_agent(function(g, _, share, other)
      assert.is_nil((g:wait(0.01)))
      assert.same({}, other.heard)
      assert.equal("waiting", share.state)
    end)
  end)

  it("mounts when the agent opens its port, and is alive then", function()
    with_agent(function(g, state, share)
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.same({ ["/work"] = "work" }, state.mounts)
      assert.equal("mounted", share.state)
      assert.is_true(share.facts.writable)
      assert.same({ "mount: work is at /work in the guest" }, told)
    end)
  end)

  it("mounts again after a reboot, and is not alive meanwhile", function()
    with_agent(function(g, state)
      g:restarted(true)
      g:wait(5)
      g:restarted(false)
      g:restarted(false)
      assert.is_false(g.alive)
      state.mounts = {}
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.same({ ["/work"] = "work" }, state.mounts)
    end)
  end)

  it("does not mount twice when only the agent was restarted", function()
    with_agent(function(g, state)
      g:restarted(true)
      g:wait(5)
      g:restarted(false)
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.same({ ["/work"] = "work" }, state.mounts)
    end)
  end)

  it("tries again while the device has not shown up yet", function()
    with_agent(function(g, state)
      state.refuse = 2
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.same({ ["/work"] = "work" }, state.mounts)
      assert.equal(1, #told)
    end)
  end)

  it("says at the recipe's line that the guest may not write where it should", function()
    with_agent(function(g, state, share)
      state.locked, WORK.at = true, "vm.lua:7"
      g:restarted(true)
      assert.is_true(g:wait(5))
      local why = "the guest may not write there: readonly = true"
      assert.equal("problem: vm.lua:7: mount work: " .. why, told[2])
      assert.same({ "mounted", why }, { share.state, share.why })
    end)
  end)

  it("says so of a directory where the host's own user may not write", function()
    with_agent(function(g)
      WORK.from = "/proc/self"
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal("problem: mount work: you may not write there: readonly = true", told[2])
      g:restarted(false)
      WORK.readonly = true
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal(3, #told)
    end)
  end)

  it("does not believe that another directory is the one of the host", function()
    with_agent(function(g, state, share)
      WORK.daemon, state.inode = true, stat.stat(dir).st_ino
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal("mounted", share.state)
      g:restarted(false)
      state.inode = state.inode + 1
      g:restarted(true)
      assert.is_true(g:wait(20))
      assert.same({ "failed", ("/work is another directory in the guest than %s on the host: "
                    .. "unmount, and mount it again"):format(dir) }, { share.state, share.why })
    end)
  end)

  it("mounts what comes later at once, and again at each boot until it goes", function()
    with_agent(function(g, state)
      g:restarted(true)
      g:wait(5)
      local late = g:add { tag = "late", type = "virtiofs", to = "/late", from = dir }
      assert.is_true(g:settle(late, 5).writable)
      assert.same({ ["/work"] = "work", ["/late"] = "late" }, state.mounts)
      state.mounts = {}
      g:restarted(false)
      g:restarted(true)
      g:wait(5)
      assert.same({ ["/work"] = "work", ["/late"] = "late" }, state.mounts)
      g:remove(late)
      state.mounts = {}
      g:restarted(false)
      g:restarted(true)
      g:wait(5)
      assert.same({ ["/work"] = "work" }, state.mounts)
    end)
  end)

  it("leaves what comes while the guest is away to its next boot", function()
    with_agent(function(g, state)
      local late = g:add { tag = "late", type = "virtiofs", to = "/late", from = dir }
      assert.same({ nil, "agent: no answer: timed out", "later" }, { g:settle(late, 0.01) })
      g:restarted(true)
      g:wait(5)
      assert.same({ ["/work"] = "work", ["/late"] = "late" }, state.mounts)
    end)
  end)

  it("gives what it asks about mounts more time where a login took long", function()
    with_agent(function(g)
      local seen = {}
      function g.exec(_, _, options)
        seen[#seen + 1] = options.seconds
        return nil, "no answer"
      end
      g:is_free(WORK)
      g.poller.took = 20
      g:is_free(WORK)
      assert.same({ 60, 120 }, seen)
    end)
  end)

  it("says what to type when the agent forbids to run programs", function()
    with_agent(function(g, _, share)
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal("failed", share.state)
      assert.equal("problem: mount work: at /work: agent: guest-exec: not allowed by the guest's "
        .. "agent (The command guest-exec has not been found); ssh {} in the recipe gives "
        .. "another road; in the guest: mkdir -p /work && mount -t virtiofs work /work", told[1])
    end, {})
  end)

  -- A guest with ssh beside its agent, at a port where nobody listens.
  local function with_both(commands, fn)
    local l <close> = loop.new()
    l:run(function()
      local chan, other = fake.start(l, commands)
      local g = guest.new(l, { name = "dev", runtime = dir, guest = { agent = { device = "agent" },
        ssh = { user = "root", forward = "ssh" } } }, chan,
        function() return { address = "127.0.0.1", port = 1 } end, tell)
      fn(g, other)
    end)
  end

  it("does not run by ssh what an agent that was heard of may have run", function()
    with_both({ ["guest-exec"] = function() return false end }, function(g, other)
      g:restarted(true)
      local done, why = g:exec({ "true" }, { seconds = 0.2 })
      assert.is_nil(done)
      assert.matches("^agent: guest%-exec: nothing came in time$", (why:gsub("receive: ", "")))
      assert.equal("guest-exec", other.heard[#other.heard])
    end)
  end)

  it("names both roads where neither leads there", function()
    with_both({}, function(g)
      local function fails(why)
        local done, said, code = g:exec({ "true" }, { seconds = 0.2 })
        assert.is_nil(done)
        assert.matches("^" .. why .. "; ssh: port 1: no login within 0.2 seconds: ", said)
        assert.equal(errno.ETIMEDOUT, code)
      end
      fails "no agent has opened its port"
      g:restarted(true)
      fails "the agent may not run commands %(guest%-exec is disabled%)"
    end)
  end)

  it("names the word that gives another road where no agent has come, and asks nothing", function()
    local l <close> = loop.new()
    l:run(function()
      local chan, other = fake.start(l, {})
      local g = guest.new(l, { name = "dev", guest = { agent = { device = "agent" } } }, chan, nil,
                          tell)
      assert.same({ nil, "no agent has opened its port; ssh {} in the recipe gives another "
                         .. "road", "unreachable" }, { g:exec({ "true" }, { seconds = 0.05 }) })
      assert.same({}, other.heard)
    end)
  end)

  it("uses the agent when it comes while ssh is waited for", function()
    local commands = fake.programs { x = function() return { exited = true, exitcode = 3 } end }
    with_both(commands, function(g)
      local task = g.loop:spawn("exec", g.exec, g, { "x" }, { seconds = 20 })
      g.loop:sleep(0.05)
      g:restarted(true)
      local _, done = task:join()
      assert.same({ 3 }, { done.status, done.note })
      assert.equal("agent", g.by)
    end)
  end)

  it("takes no argument that would be cut at a NUL byte", function()
    with_both({}, function(g)
      assert.same({ nil, "no argument of a program has a NUL byte", "invalid" },
                  { g:exec { "echo", "a\0b" } })
    end)
  end)

  it("says what to type where there is neither agent nor ssh", function()
    local l <close> = loop.new()
    l:run(function()
      local g = guest.new(l, { guest = {} }, nil, nil, tell)
      local share = g:add(WORK)
      g:work()
      assert.equal("by hand", share.state)
      local done, why = g:exec { "true" }
      assert.is_nil(done)
      assert.equal("the machine has no agent and no ssh: agent {} or ssh {} in its recipe "
                   .. "gives one", why)
    end)
    assert.same({ "mount: in the guest: mkdir -p /work && mount -t virtiofs work /work" }, told)
  end)
end)
