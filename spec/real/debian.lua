-- A real Debian (guest/debian) as lunik's users have it: an image of theirs, a user of theirs, a
-- server that holds it against whoever comes too often. Run by `make real`, once for each release.
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"

local KEEPS = 8            -- connections that may be cut while a guest is waited for

-- QEMU has a fifth of a processor until the file ENOUGH comes, and is let go then: OVER comes.
local SLOW = [[on("started", function(vm)
  host.run { "sh", "-c", [=[{
    until [ -e "$2/ENOUGH" ]; do
      kill -STOP $1 && sleep 0.08 && kill -CONT $1 && sleep 0.02 || exit
    done
    : >"$2/OVER"
  } </dev/null >/dev/null 2>&1 &]=], "sh", tostring(vm:status().qemu.pid), vm.facts.dir }
end),]]

local suite = ...
local guest = assert(stdlib.realpath("build/guest-" .. suite), "make real builds the guests")

describe("a real " .. suite, function()
  local home
  before_each(function() home = house.new() end)
  after_each(function() home:close() end)

  local THROWN_AWAY = 'disk { file = guest .. "/disk.qcow2", overlay = true },'

  local function recipe(name, items, within, disk)
    return home:recipe(name, ([[
      local guest = %q
      return machine { name = %q, accel = "tcg", cpus = 2, memory = "1G", ready_within = %d,
        console {}, nic {}, %s %s }]]):format(guest, name, within or 240, disk or THROWN_AWAY,
        items))
  end

  -- The same on a disk that is there already, of a guest whose host key is known.
  local function known(name, key)
    local path = home.dir .. "/mine.qcow2"
    run.output { path = true, env = home.env, argv = { "qemu-img", "create", "-q", "-f", "qcow2",
      "-F", "qcow2", "-b", guest .. "/disk.qcow2", path } }
    for _, folder in ipairs { "/state/lunik", "/state/lunik/" .. name } do
      stat.mkdir(home.dir .. folder, 448)
    end
    scratch.write(("%s/state/lunik/%s/known_hosts"):format(home.dir, name),
      ("lunik-%s %s"):format(name, scratch.read(guest .. "/" .. key)), 384)
    return ("disk { file = %q, backing = guest .. '/disk.qcow2' },"):format(path)
  end

  local function ssh(user)
    return ('ssh { user = %q, key = guest .. "/id_ed25519" }, '):format(user)
  end

  local function runs(name, ...) return (home:does("exec", name, "--", ...)) end

  -- A folder of the host's with a file in it.
  local function share(name)
    local path = home.dir .. "/" .. name
    stat.mkdir(path, 448)
    scratch.write(path .. "/file", "of the host")
    return path
  end

  -- How many connections the guest's sshd has seen cut, and whether it has defended itself.
  local function journal(name)
    local text = runs(name, "sudo", "-n", "journalctl", "-b", "--no-pager", "-u", "ssh")
    local cut, count = {}, 0
    for line in text:gmatch "[^\n]+" do
      local pid = line:match "sshd[%w-]*%[(%d+)%]: .*Connection %l+ by"
      if pid and not cut[pid] then cut[pid], count = true, count + 1 end
    end
    return count, text
  end

  local function unharmed(name)
    local count, text = journal(name)
    assert.matches("Accepted publickey", text)
    assert.is_nil(text:find "MaxStartups", text)
    assert.is_nil(text:find "penalty", text)
    assert.is_true(count <= KEEPS, text)
  end

  it("boots with an agent, and has its mount", function()
    home:does("up", recipe("agent", 'agent {}, mount { from = ' .. ("%q"):format(share "work")
      .. ', to = "/work" }'))
    assert.equal("of the host", runs("agent", "cat", "/work/file"))
    assert.equal("agent", home:json("status", "agent", "--json").guest.by)
    local _, err = home:does("down", "agent")
    assert.matches("the guest powered off", err)
  end)

  it("is entered at the first login, by the host key that is known, without an agent", function()
    local file = recipe("known", ssh "root", nil, known("known", "ssh_host_ed25519_key.pub"))
    home:does("up", file)
    assert.equal("root\n", runs("known", "id", "-un"))
    unharmed "known"
  end)

  it("is not entered where another host key is known, and says so at once", function()
    local file = recipe("other", ssh "root", nil, known("other", "id_ed25519.pub"))
    local code, _, err = home:lunik("up", file)
    assert.equal(6, code)
    assert.matches("the guest has another host key than before; if it may have: ssh%-keygen", err)
    home:does("down", "--force", "other")
  end)

  it("has boot and hot mounts for a user who may sudo", function()
    home:does("up", recipe("user", ssh "debian" .. 'hotplug { ports = 2 }, mount { from = '
      .. ("%q"):format(share "boot") .. ', to = "/srv/boot" }'))
    home:does("wait", "user", "--for", "ready")
    home:does("mount", "user", share "hot", "--to", "/srv/hot")
    for _, place in ipairs { "/srv/boot", "/srv/hot" } do
      assert.equal("of the host", runs("user", "sudo", "-n", "cat", place .. "/file"))
    end
    home:does("unmount", "user", "/srv/hot")
    assert.is_nil(runs("user", "cat", "/proc/mounts"):find("/srv/hot", 1, true))
    unharmed "user"
  end)

  it("powers off when it is told to while it boots", function()
    home:does("up", recipe("early", 'agent {}, ready = "console: Linux version"'))
    local _, err = home:does("down", "early")
    assert.matches("the guest powered off", err)
    assert.is_nil(err:find("telling QEMU to quit", 1, true))
  end)

  it("is done no harm with a fifth of a processor", function()
    home:does("up", recipe("slow", SLOW .. ssh "debian", 800))
    scratch.write(home.dir .. "/ENOUGH", "")
    run.output { path = true, env = home.env, argv = { "timeout", "10", "sh", "-c",
      'until [ -e "$1/OVER" ]; do sleep 0.05; done', "sh", home.dir } }
    unharmed "slow"
    home:does("down", "--force", "slow")
  end)
end)
