-- Why a guest does not answer, where that is known: told at once to whoever asks, and to whoever
-- waits already.
local core = require "lunik.core"
local house = require "support.house"
local signal = require "posix.signal"

local ACCESS = 'ssh { key = guest .. "/id_ed25519" }, nic { forward = { ssh = 22 } }'
local LEFT = "the guest's agent has closed its port: it has ended, or the guest is going down"
local AGENT = "mkdir -p /var/run; qemu-ga -d -p /dev/virtio-ports/org.qemu.guest_agent.0"

describe("a guest that cannot be asked", function()
  local home, recipe
  setup(function()
    home = house.new()
    recipe = home:small("g", "agent {}, hotplug { ports = 2 }, stop = { powerdown = 20 }, "
      .. ACCESS)
    require "posix.sys.stat".mkdir(home.dir .. "/src", 448)
  end)
  before_each(function() home:does("up", recipe) end)
  after_each(function()
    home:lunik("down", "--force", "g")
    home:clear()
  end)
  teardown(function() home:close() end)

  local function status() return home:json("status", "g", "--json") end

  local function state_of(pid)
    local file <close> = assert(io.open(("/proc/%d/stat"):format(pid)))
    return file:read "a":match "^.*%) (%S)"
  end

  -- A stop is there a moment after its signal.
  local function to_qemu(signo)
    local pid = status().qemu.pid
    local qemu <close> = assert(core.proc.open(pid))
    qemu:signal(signo)
    while signo == signal.SIGSTOP and state_of(pid) ~= "T" do end
  end

  -- A program that runs in the guest by now, for a minute.
  local function running()
    local one = home:start({}, "exec", "g", "sh", "-c", "touch /began; sleep 60")
    home:does("ssh", "g", "until [ -e /began ]; do sleep 0.05; done")
    return one
  end

  it("since a signal has stopped QEMU says so, and how it goes on", function()
    to_qemu(signal.SIGSTOP)
    local why = ("the machine is paused: a signal has stopped QEMU; kill -CONT %d lets it run on")
      :format(status().qemu.pid)
    assert.matches("g +paused by a signal", (home:does "ls"))
    assert.matches("state +paused: a signal has stopped QEMU; kill %-CONT %d+ lets it run on\n",
                   (home:does("status", "g")))
    for verb, case in pairs { exec = { 125, "true" }, ssh = { 125, "true" }, mount = { 1, "src" },
      unmount = { 1, "src" }, plug = { 1, "cpu" }, forward = { 1, "add", "80" } } do
      local code, _, errors = home:lunik(verb, "g", table.unpack(case, 2))
      assert.same({ case[1], ("lunik %s: %s\n"):format(verb, why) }, { code, errors })
    end
    for _, argv in ipairs { { "wait", "g" }, { "pause", "g" }, { "qmp", "g", "query-status" } } do
      local one = home:start({}, table.unpack(argv))
      one:expect("g: the machine is paused: a signal has stopped QEMU", 60)
      one:close()
    end
    to_qemu(signal.SIGCONT)
    home:does("resume", "g")
    assert.equal("hi\n", (home:does("exec", "g", "echo", "hi")))
  end)

  it("goes down all the same when a signal has stopped QEMU, by QEMU's own end", function()
    to_qemu(signal.SIGSTOP)
    local _, _, errors = home:lunik("down", "g")
    assert.matches("g: the guest cannot be asked: a signal has stopped QEMU; kill %-CONT ", errors)
    assert.matches("g: sending QEMU SIGTERM\n", errors)
    assert.is_nil(errors:find("SIGKILL", 1, true), errors)
  end)

  it("by its agent any more is asked by ssh, and what runs there runs on", function()
    local one = running()
    home:does("ssh", "g", "kill $(pidof qemu-ga)")
    assert.same({ 0, "hi\n", "g: no agent has opened its port: by ssh\n" },
                { home:lunik("exec", "g", "echo", "hi") })
    home:does("ssh", "g", "kill $(pidof sleep)")
    assert.same({ "exited", 143 }, { one:wait(60) })
  end)

  it("since it reboots is waited for, and called so", function()
    home:does("reset", "g")
    assert.matches("g +rebooting", (home:does "ls"))
    assert.matches("ready +not yet: the guest is rebooting\n", (home:does("status", "g")))
    assert.equal("hi\n", (home:does("exec", "g", "echo", "hi")))
    home:does("wait", "g", "--for", "ready")
  end)

  it("since its machine has ended says how", function()
    local one = running()
    to_qemu(signal.SIGKILL)
    assert.same({ "exited", 125 }, { one:wait(60) })
    assert.equal("lunik exec: the machine has ended: QEMU was killed by SIGKILL\n", one.text)
  end)

  it("is said of its console too", function()
    home:does("pause", "g")
    local one = home:start({ terminal = true }, "console", "g")
    one:expect("lunik: the machine is paused: lunik resume g", 60)
    one:send "\29"
    one:wait(60)
    local waiting = home:start({}, "wait", "g")
    waiting:expect("g: the machine is paused: lunik resume g", 60)
    waiting:close()
  end)
end)

describe("a guest that only its agent reaches", function()
  it("says that it has ended, and is asked again when it is back", function()
    local home = house.new()
    home:does("up", home:small("a", "agent {}, hotplug { ports = 2 }"))
    require "posix.sys.stat".mkdir(home.dir .. "/src", 448)
    -- what starts the agent again goes on without one
    local agent = home:start({ terminal = true }, "exec", "-i", "a", "sh", "-c",
                             "kill $(pidof qemu-ga); read -r line; " .. AGENT .. "; sleep 1")
    local events = home:start({}, "events", "-f", "a")
    events:expect('VSERPORT_CHANGE {"id":"agent","open":false}', 60)
    local left = "lunik exec: " .. LEFT .. "\n"
    local code, _, errors
    repeat
      code, _, errors = home:lunik("exec", "a", "true")
    until errors == left or code == 0
    assert.same({ 125, left }, { code, errors })
    assert.matches("guest +" .. LEFT, (home:does("status", "a")))
    local _, said = home:does("mount", "a", home.dir .. "/src")
    assert.equal(("a: %s; it is mounted when the agent is back\n"):format(LEFT), said)
    agent:send "\n"
    events:expect("src is at /mnt/src in the guest", 60)
    assert.equal("hi\n", (home:does("exec", "a", "echo", "hi")))
    assert.is_nil(home:json("status", "a", "--json").silent)
    home:close()
  end)
end)

describe("a guest that only ssh reaches", function()
  it("is out of reach without its forward, until that is back", function()
    local home = house.new()
    home:does("up", home:small("s", "hotplug { ports = 2 }, " .. ACCESS))
    require "posix.sys.stat".mkdir(home.dir .. "/src", 448)
    home:does("forward", "s", "remove", "ssh")
    local said = "the forward 'ssh', by which ssh reaches the guest, is gone: "
                 .. "lunik forward s add --name ssh 22 brings it back\n"
    for _, verb in ipairs { "exec", "ssh" } do
      local code, _, errors = home:lunik(verb, "s", "true")
      assert.same({ 125, ("lunik %s: %s"):format(verb, said) }, { code, errors })
    end
    local _, errors = home:does("mount", "s", home.dir .. "/src", "--timeout", "1s")
    assert.equal("s: the guest does not answer yet: it is mounted when it does\n", errors)
    local events = home:start({}, "events", "-f", "s")
    home:does("forward", "s", "add", "--name", "ssh", "22")
    events:expect("src is at /mnt/src in the guest", 60)
    assert.equal("hi\n", (home:does("exec", "s", "echo", "hi")))
    home:close()
  end)
end)
