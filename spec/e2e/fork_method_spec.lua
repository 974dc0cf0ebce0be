-- Clones that a machine that runs is asked for itself (vm:fork { n = … }): by a program, by a hook
-- of its own, over its control socket. All of them are up then, or none.
local core = require "lunik.core"
local house = require "support.house"
local poll = require "posix.poll"
local run = require "support.run"
local scratch = require "support.scratch"
local staying = require "support.faults.staying"
local stat = require "posix.sys.stat"

local ITEMS = [[cpu = { "max", rdrand = false, rdseed = false }, agent {}, nic {},
  disk { file = "base.qcow2", overlay = true }, hotplug { ports = 4 },
  on("ready", function(vm)
    if vm.name ~= "m" then return end
    local done, why = vm:fork { n = 2, as = "by-hook-{n}" }
    print(done and "cloned " .. table.concat(done.clones, " ") or "not cloned: " .. why)
  end)]]

describe("a machine that is asked for clones of itself", function()
  local home
  local at = setmetatable({}, staying)
  setup(function()
    home = house.new()
    staying.prepare(at, home)
    os.execute("qemu-img create -q -f qcow2 " .. home.dir .. "/base.qcow2 64M")
    stat.mkdir(home.dir .. "/out-1", 448)
    home:does("up", home:small("m", ITEMS))
    home:does("exec", "m", "--", "sh", "-c", "echo nonce-4711 >/run/nonce")
  end)
  teardown(function() at:close() end)

  local function states()
    local found = {}
    for _, one in ipairs(home:json("ls", "--json").machines) do found[one.name] = one.state end
    return found
  end

  after_each(function()
    for name, state in pairs(states()) do
      if name ~= "m" and state ~= "down" then home:does("down", "--force", name) end
    end
  end)

  -- The folders that clones stand on.
  local function places(name)
    local found = {}
    for _, entry in ipairs(scratch.list(home.dir .. "/state/lunik/" .. name)) do
      if entry:find "^%.?forked%-%x+%.?[^/]*$" then found[#found + 1] = entry end
    end
    return found
  end

  local function nonce(name) return (home:does("exec", name, "--", "cat", "/run/nonce")) end

  -- What a Lua program prints that runs here.
  local function program(text)
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    return run.output { path = true, argv = { run.interpreter, home:recipe("program", text),
      home.dir }, env = table.move(home.env, 1, #home.env, 3, env) }
  end

  it("is asked by a hook of its own, too", function()
    local logs = home:start({}, "logs", "-f", "m")
    logs:expect("cloned by%-hook%-1 by%-hook%-2", 120)
    logs:close()
    assert.equal("running", states()["by-hook-2"])
  end)

  it("gives a program their names, each a machine of its own", function()
    local text = program [[
      local lunik = require "lunik"
      local vm <close> = lunik.attach "m"
      local done = assert(vm:fork { n = 2, as = "p-{n}", host_keys = false })
      print(type(done.stood_still), table.concat(done.clones, " "), done.file)
      for _, name in ipairs(done.clones) do
        local clone <close> = lunik.attach(name)
        print((select(2, clone:exec { "sh", "-c", "hostname; cat /run/nonce" })))
      end]]
    local file, rest = text:match "^number\tp%-1 p%-2\t(/[^\n]*)\n(.*)$"
    assert.equal("p-1\nnonce-4711\n\np-2\nnonce-4711\n\n", rest, text)
    assert.truthy(file:find "/m/forked%-%x+$")
    -- what they stand on goes with the last of them
    home:does("down", "--force", "p-1")
    assert.same({ file:match "[^/]*$", file:match "[^/]*$" .. ".lock" }, places "m")
    home:does("down", "--force", "p-2")
    assert.same({}, places "m")
  end)

  it("is asked over its control socket, too, for mounts of their own", function()
    local text = home:does("qmp", "m", "lunik-fork", [[
      { "n": 1, "as": "wire", "mounts": [{ "from": "out-{n}", "to": "/out" }] }]])
    assert.same({ "wire" }, core.json.decode(text).clones)
    home:does("exec", "wire", "--", "sh", "-c", "cat /run/nonce >/out/f")
    assert.equal("nonce-4711\n", scratch.read(home.dir .. "/out-1/f"))
  end)

  it("has none of them where one cannot be had", function()
    local before = states()
    local function refused(expected, code, asked)
      local text = program(([[
        local vm <close> = require "lunik".attach "m"
        local done, why, code = vm:fork %s
        print(done, code, why)]]):format(asked))
      assert.truthy(text:find("^nil\t" .. code), text)
      assert.truthy(text:find(expected, 1, true), text)
      assert.same(before, states())
      assert.same({}, places "m")
    end
    refused("needs {n}, where their number is to be: x-{n}", "invalid", [[{ n = 2, as = "x" }]])
    refused("a number of clones from 1 to 1000 expected, got 0", "invalid", "{ n = 0 }")
    refused("mount: " .. home.dir .. "/none-1: no such directory", "failed",
            [[{ n = 2, mounts = { { from = "none-{n}" } } }]])
    refused("no private memory: ", "failed",
            [[{ memory = "private", mounts = { { from = "." } } }]])
    refused("file: an absolute path expected", "invalid", [[{ n = 1, file = "here" }]])
  end)

  -- Until the states of all machines are such that `fn` says so.
  local function when(fn)
    local ends = os.time() + 120
    while not fn(states()) do
      assert(os.time() < ends, "it never comes to that")
      poll.poll({}, 50)
    end
  end

  -- Two clones are wanted, of which one is up, and the other is about to be.
  local function half()
    at:stay('"name":"c-2","qemu":{"pid":', "c-2", "qmp", "m", "lunik-fork",
            '{ "n": 2, "as": "c-{n}" }')
    when(function(now) return now["c-1"] == "running" end)
  end

  local function has_none() when(function(now) return not now["c-1"] and not now["c-2"] end) end

  it("has none where one of them dies", function()
    half()
    at:kill "supervisor"
    assert.equal(1, at:finish())
    has_none()
    assert.same({}, places "m")
  end)

  it("answers others meanwhile, and has all of them where whoever asked has left", function()
    half()
    assert.equal("nonce-4711\n", nonce "m")
    at:kill("verb", true)
    assert.equal("nonce-4711\n", nonce "m")
    at:go()
    when(function(now) return now["c-1"] == "running" and now["c-2"] == "running" end)
    assert.equal("nonce-4711\n", nonce "c-2")
  end)

  it("has none where its supervisor dies meanwhile", function()
    half()
    at.pids.supervisor = home:json("status", "m", "--json").supervisor.pid
    at:kill "supervisor"
    at:go()
    assert.equal(1, at:finish())
    has_none()
    home:does("adopt", "m")
    when(function() return #places "m" == 0 end)
    home:does("qmp", "m", "lunik-fork", '{ "as": "again" }')
    assert.equal("nonce-4711\n", nonce "again")
  end)

  it("is listed with what they stand on, and not forgotten while one does", function()
    home:does("qmp", "m", "lunik-fork", '{ "as": "last" }')
    local kept
    for _, one in ipairs(home:json("ls", "-a", "--json").machines) do
      if one.name == "m" then kept = one.forked end
    end
    assert.equal(1, #kept)
    assert.same({ "last" }, kept[1].machines)
    assert.is_true(kept[1].size > 1 << 20)
    local line = "m: keeps " .. kept[1].path .. " for clones ("
    local text = home:does("ls", "-a")
    assert.truthy(text:find(line, 1, true), text)
    assert.truthy(text:find("): last stands on it\n", 1, true), text)

    home:does("down", "--force", "m")
    for _, words in ipairs { { "rm", "m" }, { "rm", "m", "--all" } } do
      local status, _, why = home:lunik(table.unpack(words))
      assert.same({ 1, "lunik rm: machines stand on what 'm' keeps for its clones: last\n" },
                  { status, why })
    end
    assert.equal("nonce-4711\n", nonce "last")
    home:does("down", "--force", "last")
    local _, said = home:does("rm", "m")
    assert.falsy(said:find "stays", said)
  end)
end)
