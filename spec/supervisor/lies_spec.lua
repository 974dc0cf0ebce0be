-- State that lies, of machines that run: other runtime directories, one that has vanished, another
-- host's, records of any bytes. Every verb says what is so, and one of them ends the machine.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local PATIENCE = 90
local SIGKILL = 9

describe("a machine whose state lies", function()
  local home, recipe
  setup(function()
    home = house.new()
    recipe = home:recipe("m", "return machine { name = 'm', accel = 'tcg', memory = '64M' }")
  end)
  after_each(function()
    home:surroundings()
    home:clear()
    os.execute(("rm -rf '%s/other'"):format(home.dir))
  end)
  teardown(function() home:close() end)

  -- The user comes by another session.
  local function elsewhere()
    stat.mkdir(home.dir .. "/other", 448)
    for i, each in ipairs(home.env) do
      if each:find "^XDG_RUNTIME_DIR=" then
        home.env[i] = "XDG_RUNTIME_DIR=" .. home.dir .. "/other"
      end
    end
  end

  local function runtime(name) return home.dir .. "/run/lunik/m" .. (name and "/" .. name or "") end

  local function kill(pid)
    local proc = assert(core.proc.open(pid))
    proc:signal(SIGKILL)
    proc:wait(PATIENCE)
    proc:close()
  end

  -- Waits until the supervisor has written that down.
  local function logged(text)
    local path, l = home.dir .. "/state/lunik/m/supervisor.log", loop.new()
    local ends = l.now() + PATIENCE
    l:run(function()
      while not scratch.read(path):find(text, 1, true) and l.now() < ends do l:sleep(0.05) end
    end)
    l:close()
    assert.is_truthy(scratch.read(path):find(text, 1, true), scratch.read(path))
  end

  -- A machine that runs, and has no supervisor any more.
  local function orphaned()
    home:does("up", "--paused", recipe)
    local status = home:json("status", "m", "--json")
    kill(status.supervisor.pid)
    return status
  end

  local function complains(pattern, ...)
    local status, _, errors = home:lunik(...)
    assert.not_equal(0, status)
    assert.matches(pattern, errors)
  end

  it("is found and taken down by a session with another runtime directory, which starts no twin",
     function()
    home:does("up", "--paused", recipe)
    elsewhere()
    local running = home:json("ls", "--json").machines
    assert.same({ "m", "paused" }, { running[1].name, running[1].state })
    assert.equal("paused", home:json("status", recipe, "--json").state)
    local status, _, errors = home:lunik("up", recipe)
    assert.same({ 3, ("lunik up: machine 'm' is already running, in %s; its recipe has not changed "
                      .. "since\n"):format(runtime()) }, { status, errors })
    assert.equal(3, (home:lunik("run", "--no-console", recipe)))
    assert.same({}, scratch.list(home.dir .. "/other"))
    home:does("resume", "m")
    home:does("down", "--force", "m")
    after.nothing(home)
    home:does("up", "--paused", recipe)
    home:does("down", "--force", "m")
  end)

  it("is taken over by a session with another runtime directory", function()
    orphaned()
    elsewhere()
    assert.equal("unsupervised", home:json("status", "m", "--json").state)
    home:does("adopt", "m")
    assert.equal("paused", home:json("status", "m", "--json").state)
    complains("already running, in " .. runtime(), "up", recipe)
    home:does("down", "--force", "m")
    after.nothing(home)
  end)

  it("that lost its runtime directory is noticed, and taken down by its supervisor", function()
    home:does("up", "--paused", recipe)
    scratch.remove(home.dir .. "/run")
    logged(("problem: %s is gone: the machine runs on, and nobody new can speak to it; "
      .. "lunik down m ends it\n"):format(runtime()))
    assert.equal("lost", home:json("status", "m", "--json").state)
    assert.equal("m", home:json("ls", "--json").machines[1].name)
    complains("but its directory " .. runtime() .. " is gone: lunik down %-%-force m ends it", "up",
              recipe)
    complains("machine 'm' runs, but its runtime directory is gone: lunik down m ends it", "qmp",
              "m", "query-status")
    home:does("down", "m")
    after.gone(home)
    stat.mkdir(home.dir .. "/run", 448)
    after.nothing(home)
    after.again(home, recipe)
  end)

  it("that lost it after it was taken over is noticed and taken down in the same way", function()
    orphaned()
    home:does("adopt", "m")
    scratch.remove(home.dir .. "/run")
    logged(("problem: %s is gone: "):format(runtime()))
    assert.equal("lost", home:json("status", "m", "--json").state)
    home:does("down", "m")
    after.gone(home)
    stat.mkdir(home.dir .. "/run", 448)
    after.again(home, recipe)
  end)

  it("that lost it with its supervisor is ended by force", function()
    orphaned()
    scratch.remove(home.dir .. "/run")
    assert.equal("lost", home:json("status", "m", "--json").state)
    complains("it has no supervisor either; %-%-force ends its processes", "down", "m")
    home:does("down", "--force", "m")
    after.gone(home)
    stat.mkdir(home.dir .. "/run", 448)
    after.again(home, recipe)
  end)

  it("that lost it and has ended is no longer there for anybody", function()
    local status = orphaned()
    kill(status.qemu.pid)
    scratch.remove(home.dir .. "/run")
    assert.equal("gone", home:json("status", "m", "--json").state)
    home:does("down", "m")
    assert.equal("down", home:json("status", "m", "--json").state)
    stat.mkdir(home.dir .. "/run", 448)
    after.again(home, recipe)
  end)

  -- The machine is another host's, as far as its state directory says; its lock is held by whoever
  -- runs it really.
  local function on_another_host()
    local path = home.dir .. "/state/lunik/m/runtime.json"
    local text = core.json.decode(scratch.read(path))
    text.host, text.hostname, text.boot = "another", "node7", "another"
    scratch.write(path, core.json.encode(text))
  end

  it("runs on another host: that is said, and no process here is touched", function()
    home:does("up", "--paused", recipe)
    local status = home:json("status", "m", "--json")
    local was = scratch.read(home.dir .. "/state/lunik/m/runtime.json")
    on_another_host()
    elsewhere()
    assert.equal("m\n  state       runs on node7\n", (home:does("status", "m")):match "^.-\n.-\n")
    assert.matches("\nm +on node7 ", (home:does "ls"))
    local one = home:json("status", "m", "--json")
    assert.same({ "elsewhere", "node7" }, { one.state, one.host })
    complains("^lunik up: machine 'm' runs on node7\n$", "up", recipe)
    for _, verb in ipairs { "exec", "adopt" } do
      complains("machine 'm' runs on node7: only there", verb, "m",
                verb == "exec" and "true" or nil)
    end
    complains("machine 'm' runs on node7: only there", "down", "m")
    complains("machine 'm' runs on node7: only there", "down", "--force", "m")
    for _, pid in ipairs { status.supervisor.pid, status.qemu.pid } do
      local proc <close> = assert(core.proc.open(pid))
      assert.is_nil((proc:wait(0)))
    end
    scratch.write(home.dir .. "/state/lunik/m/runtime.json", was)
    home:does("down", "--force", "m")
    after.nothing(home)
  end)

  local SPOILED = { "", "{", "null", "[]", "5", '{"lunik":1}', '{"lunik":2,"id":"x"}', "\0\xff",
                    '{"lunik":1,"id":5,"step":[],"supervisor":null,"qemu":{"pid":"x"}}', false }

  local function spoil(path, text)
    os.remove(path)
    if text then scratch.write(path, text) end
  end

  it("is ended by force whatever its record is, and every verb points there", function()
    for _, text in ipairs(SPOILED) do
      orphaned()
      spoil(runtime "vm.json", text)
      assert.equal("damaged", home:json("ls", "--json").machines[1].state)
      home:does("status", "m")
      for _, verb in ipairs { "up", "adopt", "down" } do
        local status, _, errors = home:lunik(verb, verb == "up" and recipe or "m")
        assert.is_true(status ~= 0 and status < 70)
        assert.matches("lunik down --force m ends it", errors, 1, true)
      end
      home:does("down", "--force", "m")
      after.nothing(home)
    end
    after.again(home, recipe)
  end)

  it("goes on and goes down as ever where its supervisor lives, whatever its record is", function()
    for _, text in ipairs(SPOILED) do
      home:does("up", "--paused", recipe)
      spoil(runtime "vm.json", text)
      spoil(home.dir .. "/state/lunik/m/machine.json", text)
      spoil(home.dir .. "/state/lunik/m/runtime.json", text)
      assert.equal("paused", home:json("status", "m", "--json").state)
      complains("machine 'm' is already running %(pid", "up", recipe)
      home:does("down", "--force", "m")
      after.nothing(home)
    end
  end)

  it("is not taken over by a snapshot that is none, and ended by force", function()
    for _, text in ipairs { "", "{", "return {}", "(function() while true do end end)()",
                            '{["format"]=2}', '{["format"]=1}', false } do
      orphaned()
      spoil(runtime "snapshot", text)
      complains("lunik down %-%-force", "adopt", "m")
      home:does("down", "--force", "m")
      after.nothing(home)
    end
  end)

  it("of whom only lies are left hinders no verb", function()
    home:does("up", "--paused", recipe)
    home:does("down", "--force", "m")
    for _, text in ipairs(SPOILED) do
      spoil(home.dir .. "/state/lunik/m/machine.json", text)
      spoil(home.dir .. "/state/lunik/m/runtime.json", text)
      home:json("ls", "-a", "--json")
      for _, verb in ipairs { "status", "down", "adopt", "restart", "logs", "unit", "wait" } do
        assert.is_true((home:lunik(verb, "m")) < 70, verb)
      end
      after.again(home, recipe)
    end
  end)

  it("lets a runtime directory of nobody be, but for what is lunik's in it", function()
    home:does("up", "--paused", recipe)
    scratch.write(runtime "notes.txt", "mine")
    home:does("down", "--force", "m")
    assert.same({ "m", "m/notes.txt" }, scratch.list(home.dir .. "/run/lunik"))
    assert.matches("problem: " .. runtime() .. " stays: lunik has not written notes.txt",
                   scratch.read(home.dir .. "/state/lunik/m/supervisor.log"))
    assert.equal("down", home:json("status", "m", "--json").state)
    os.remove(runtime "notes.txt")
    after.again(home, recipe)
  end)
end)
