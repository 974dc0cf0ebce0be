-- A TPM by swtpm beside a real QEMU: it comes and goes with it, its state with the guest's disk,
-- and its death is no riddle.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local RECIPE = [[return machine { name = "t", accel = "tcg", type = "q35", memory = "64M",
  ready = "qmp", tpm {}, %s }]]

local GONE = "machine 't' cannot be reset: its TPM is gone, and QEMU would die of it; "
             .. "lunik restart t gives it a new one"

describe("a TPM", function()
  local home, state
  setup(function()
    home = house.new()
    state = home.dir .. "/state/lunik/t"
    scratch.write(home.dir .. "/base.raw", ("\0"):rep(1 << 20))
  end)
  after_each(function()
    home:lunik("down", "--force", "t")
    home:clear()
  end)
  teardown(function() home:close() end)

  local function up(items)
    return home:does("up", home:recipe("t", RECIPE:format(items or "")))
  end
  local function status() return home:json("status", "t", "--json") end
  local function there(path) return stat.stat(path) ~= nil end
  -- The seeds of a TPM are in its state, and no other has them.
  local function seeds() return scratch.read(state .. "/tpm/tpm2-00.permall"):sub(200, 700) end

  -- Ends a process by its number, and waits for that.
  local function kill(pid)
    local proc <close> = assert(core.proc.open(pid))
    proc:signal(9)
    proc:wait(60)
  end

  it("is there for the guest, as its helper is, and leaves nothing behind", function()
    up()
    local found = core.json.decode((home:does("qmp", "t", "query-tpm")))
    assert.same({ { id = "tpm-state", model = "tpm-crb",
                    options = { type = "emulator", data = { chardev = "tpm" } } } }, found)
    local helper = status().helpers[1]
    assert.same({ "tpm", "swtpm", true }, { helper.name, helper.kind, helper.alive })
    home:does("down", "--force", "t")
    after.gone(home)
    assert.same({}, home:runtime())
  end)

  it("is a new process with each start, and the same TPM", function()
    up()
    local before, first = seeds(), status().helpers[1].pid
    home:does("restart", "--force", "t")
    assert.not_equal(first, status().helpers[1].pid)
    assert.equal(before, seeds())
  end)

  it("that died is told of, and nobody may reset the machine any more", function()
    up()
    kill(status().helpers[1].pid)
    repeat local helper = status().helpers[1] until not helper.alive
    assert.same({ 1, "", "lunik reset: " .. GONE .. "\n" }, { home:lunik("reset", "t") })
    for _, words in ipairs { { "system_reset" },
      { "human-monitor-command", 'command-line="system_reset"' } } do
      local code, _, errors = home:lunik("qmp", "t", table.unpack(words))
      assert.equal(1, code)
      assert.matches(GONE, errors, 1, true)
    end
    home:start({}, "logs", "-f", "-n", "100", "--source", "supervisor", "t"):expect(
      "helper tpm: killed by signal 9; the guest has no TPM any more; a reboot ends the machine, "
      .. "and a reset is refused\n", 20)
    -- it lives, and a restart mends it
    assert.equal("running", status().state)
    home:does("restart", "--force", "t")
    assert.is_true(status().helpers[1].alive)
    home:does("reset", "t")
  end)

  it("that died lets a reset by others end the machine in order", function()
    up()
    kill(status().helpers[1].pid)
    local log = home:start({}, "logs", "-f", "-n", "100", "--source", "supervisor", "t")
    log:expect("helper tpm: killed", 60)
    log:close()
    local qmp = assert(core.chan.connect(home.dir .. "/run/lunik/t/qmp.sock", 5))
    assert(qmp:send('{"execute":"qmp_capabilities"}{"execute":"system_reset"}', 5))
    home:lunik("wait", "--for", "end", "t")
    qmp:close()
    after.gone(home)
    local _, how = after.state(home)
    assert.same({ "helper", "helper tpm died" }, { how.ended.kind, how.ended.text })
  end)

  it("does not keep its state where a link leads", function()
    up()
    home:does("down", "--force", "t")
    scratch.remove(state .. "/tpm")
    require "posix.unistd".link(home.dir, state .. "/tpm", true)
    local code, _, errors = home:lunik("up", home.dir .. "/t.lua")
    assert.equal(3, code)
    assert.matches("lunik up: mkdir " .. state .. "/tpm: File exists", errors, 1, true)
    os.remove(state .. "/tpm")
  end)

  it("is ended where QEMU does not come to life", function()
    local code, _, errors = home:lunik("up", home:recipe("t",
      RECIPE:format [[raw { "-device", "nonsense" }]]))
    assert.equal(3, code)
    assert.matches("nonsense", errors, 1, true)
    after.gone(home)
    assert.same({}, home:runtime())
  end)

  it("is taken over with its machine", function()
    up()
    local before = status()
    kill(before.supervisor.pid)
    home:does("adopt", "t")
    local now = status()
    assert.same({ before.helpers[1].pid, true }, { now.helpers[1].pid, now.helpers[1].alive })
    kill(now.helpers[1].pid)
    repeat local helper = status().helpers[1] until not helper.alive
    assert.equal(1, (home:lunik("reset", "t")))
    home:lunik("down", "--force", "t")
    after.gone(home)
  end)

  it("ends by itself where nobody is left", function()
    up()
    local all = status()
    local tpm <close> = assert(core.proc.open(all.helpers[1].pid))
    kill(all.supervisor.pid)
    kill(all.qemu.pid)
    assert.is_truthy(tpm:wait(60))
  end)

  it("goes with a disk that is thrown away", function()
    up [[disk { file = "base.raw", overlay = true }]]
    assert.is_true(there(home.dir .. "/run/lunik/t/tpm/tpm2-00.permall"))
    assert.is_false(there(state .. "/tpm"))
    home:does("down", "--force", "t")
    assert.same({}, home:runtime())
  end)

  it("is another for a disk that is made anew", function()
    local items = [[disk { file = "new.qcow2", create = true, size = "1M" }]]
    up(items)
    local before = seeds()
    home:does("down", "--force", "t")
    up(items)
    assert.equal(before, seeds())
    home:does("down", "--force", "t")
    os.remove(home.dir .. "/new.qcow2")
    up(items)
    assert.not_equal(before, seeds())
    os.remove(home.dir .. "/new.qcow2")
  end)

  it("stays when the machine is forgotten, unless all is to go", function()
    up()
    home:does("down", "--force", "t")
    local _, errors = home:does("rm", "t")
    assert.equal(("t: TPM state %s/tpm (1.3K) stays\nt: removed\n"):format(state), errors)
    assert.is_true(there(state .. "/tpm/tpm2-00.permall"))
    _, errors = home:does("rm", "--all", "t")
    assert.equal(("t: removing TPM state %s/tpm (1.3K)\nt: removed\n"):format(state), errors)
    assert.is_false(there(state))
    up()
    home:does("down", "--force", "t")
    local done = home:json("rm", "--json", "t").machines[1]
    assert.same({ { path = state .. "/tpm", what = "TPM state", removed = false,
                    size = done.guest_state[1].size } }, done.guest_state)
  end)
end)
