-- A guest over its boots: when it can be spoken to, and its mounts each time.
local base64 = require "lunik.guest.base64"
local fake = require "support.fake_agent"
local guest = require "lunik.guest"
local loop = require "lunik.loop"

describe("guest", function()
  local told
  before_each(function() told = {} end)

  local WORK = { tag = "work", type = "virtiofs", to = "/work" }

  -- Programs of a guest with mounts; `state.refuse` mounts fail first.
  local function programs(state)
    local function ok(out)
      return { exited = true, exitcode = 0, ["out-data"] = base64.encode(out or "") }
    end
    return fake.programs {
      mkdir = function() return ok() end,
      readlink = function(arguments) return ok(arguments.arg[2] .. "\n") end,
      cat = function() return ok(table.concat(state.mounts, "\n")) end,
      mount = function(arguments)
        state.refuse = (state.refuse or 0) - 1
        if state.refuse >= 0 then
          return { exited = true, exitcode = 32, ["err-data"] = base64.encode "no such device" }
        end
        local arg = arguments.arg
        table.insert(state.mounts, ("40 25 0:33 / %s rw - %s %s rw"):format(arg[#arg], arg[2],
                                                                         arg[#arg - 1]))
        return ok()
      end,
    }
  end

  local function tell(kind, text) told[#told + 1] = kind .. ": " .. text end

  -- Runs `fn(guest, state, loop)` with a guest whose agent is a fake.
  local function with_agent(fn, commands)
    local state = { mounts = {} }
    local l <close> = loop.new()
    l:run(function()
      local chan, other = fake.start(l, commands or programs(state))
      local plan = { name = "dev", guest = { agent = {}, mounts = { WORK } } }
      local g = guest.new(l, plan, chan, nil, tell)
      l:spawn("guest", g.work, g)
      l:pass()
      fn(g, state, l, other)
    end)
  end

  it("says nothing to an agent that has not opened its port", function()
    with_agent(function(g, _, _, other)
      assert.is_nil((g:wait(0.01)))
      assert.same({}, other.heard)
      assert.equal("waiting", g:mounts()[1].state)
    end)
  end)

  it("mounts when the agent opens its port, and is alive then", function()
    with_agent(function(g, state)
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal(1, #state.mounts)
      assert.same({ tag = "work", type = "virtiofs", to = "/work", readonly = false,
                    state = "mounted" }, g:mounts()[1])
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
      assert.equal(1, #state.mounts)
    end)
  end)

  it("does not mount twice when only the agent was restarted", function()
    with_agent(function(g, state)
      g:restarted(true)
      g:wait(5)
      g:restarted(false)
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal(1, #state.mounts)
    end)
  end)

  it("tries again while the device has not shown up yet", function()
    with_agent(function(g, state)
      state.refuse = 2
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal(1, #state.mounts)
      assert.equal(1, #told)
    end)
  end)

  it("says what to type when the agent forbids to run programs", function()
    with_agent(function(g)
      g:restarted(true)
      assert.is_true(g:wait(5))
      assert.equal("failed", g:mounts()[1].state)
      assert.equal("problem: mount work: at /work: agent: guest-exec: not allowed by the guest's "
        .. "agent (The command guest-exec has not been found); in the guest: mkdir -p /work && "
        .. "mount -t virtiofs work /work", told[1])
    end, {})
  end)

  it("says what to type where there is neither agent nor ssh", function()
    local l <close> = loop.new()
    l:run(function()
      local g = guest.new(l, { guest = { mounts = { WORK } } }, nil, nil, tell)
      g:work()
      assert.equal("by hand", g:mounts()[1].state)
      local done, why = g:exec { "true" }
      assert.is_nil(done)
      assert.equal("exec: the machine has no agent and no ssh", why)
    end)
    assert.same({ "mount: in the guest: mkdir -p /work && mount -t virtiofs work /work" }, told)
  end)
end)
