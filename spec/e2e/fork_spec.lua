-- `lunik fork` with a real guest: clones of a saved machine go on from where it was, each with what
-- is its own, and what was saved stays what it is.
local clones = require "support.clones"
local core = require "lunik.core"
local ports = require "support.ports"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine that is forked", function()
  local home, taken
  setup(function()
    taken = ports.free()
    home = clones.new(([[agent {}, nic { forward = { web = { guest = 80, host = %d } } },
      hotplug { ports = 4 }, disk { file = "own.qcow2", create = true, size = "64M" },
      disk { file = "base.qcow2", overlay = true }, mount { from = "work", to = "/work" }]])
      :format(taken), { prepare = function(one)
        for _, name in ipairs { "work", "out-1", "out-2", "out-3" } do
          stat.mkdir(one.dir .. "/" .. name, 448)
        end
        os.execute("qemu-img create -q -f qcow2 " .. one.dir .. "/base.qcow2 64M")
      end, script = [[for disk in /dev/vd[ab]; do
        echo before | dd of=$disk bs=512 conv=sync oflag=direct 2>/dev/null
      done]] })
  end)
  after_each(function() home:settle() end)
  teardown(function() home:close() end)

  local function guest(...) return home:guest(...) end

  local READ = "for disk in /dev/vd[ab]; do dd if=$disk bs=512 count=1 iflag=direct 2>/dev/null "
               .. "| head -n 1; done"

  local function write(name)
    guest(name, ("for disk in /dev/vd[ab]; do echo %s | dd of=$disk bs=512 conv=sync oflag=direct "
      .. "2>/dev/null; done"):format(name))
  end

  local function refused(expected, ...)
    local status, out, why = home:lunik("fork", ...)
    assert.equal("", out)
    assert.truthy(why:find(expected, 1, true), why)
    assert.same({}, home:runtime())
    return status
  end

  local function sums() return home:sums("own.qcow2", "base.qcow2") end

  it("has clones with disks, forwards and mounts of their own", function()
    local before = sums()
    local _, said = home:does("fork", "m.saved", "-n", "2", "--forward", "auto", "--mount",
                              "out-{n}:/out")
    local found = {}
    for i, name in ipairs { "m-1", "m-2" } do
      assert.truthy(said:find(name .. ": forked after %d+%.%d s\n"), said)
      assert.truthy(said:find(name .. ": mount out: /out in the guest\n", 1, true), said)
      assert.equal("nonce-4711\nbefore\nbefore\n", guest(name, "cat /run/nonce;" .. READ))
      write(name)
      guest(name, "echo " .. name .. " >/out/name; echo x >/work/" .. name)
      assert.equal(name .. "\n", scratch.read(("%s/out-%d/name"):format(home.dir, i)))
      assert.truthy(stat.lstat(home.dir .. "/work/" .. name))
      found[i] = home:json("forward", "--json", name).forwards[1].port
    end
    for _, name in ipairs { "m-1", "m-2" } do
      assert.equal(name .. "\n" .. name .. "\n", guest(name, READ))
    end
    assert.is_true(found[1] ~= found[2] and found[1] ~= taken and found[2] ~= taken)

    -- numbers that are taken are passed over
    home:does("down", "--force", "m-1")
    _, said = home:does("fork", "m.saved", "-n", "2", "--forward", "auto", "--profile")
    assert.matches("\nm%-1: +%d+%.%d ms  all of it\nm%-1: +%d+%.%d ms  saved machine\n", said)
    assert.matches("\nm%-3: +%d+%.%d ms  restore: renew\n", said)
    assert.equal("before\nbefore\n", guest("m-1", READ))
    assert.equal("before\nbefore\n", guest("m-3", READ))
    home:does("down", "--force", "m-1", "m-2", "m-3")
    for _, name in ipairs { "m-1", "m-2", "m-3" } do
      for _, entry in ipairs(scratch.list(("%s/state/lunik/%s"):format(home.dir, name))) do
        assert.falsy(entry:find "qcow2", entry)
      end
    end
    assert.same(before, sums())
  end)

  it("has clones by the names that are asked for, told as JSON", function()
    local text = home:does("fork", "m.saved", "--as", "clone", "--forward", "auto", "--json")
    local last = core.json.decode(text:match "([^\n]*)\n$")
    assert.same({ "clone", "up" }, { last.machine, last.kind })
    assert.falsy(text:find('"kind":"profile"', 1, true))
    assert.equal("nonce-4711\n", guest("clone", "cat /run/nonce"))
  end)

  it("has clones whose sshd is asked for keys of its own", function()
    home:does("fork", "m.saved", "--as", "clone", "--forward", "auto", "--host-keys")
    home:start({}, "logs", "-f", "clone"):expect(
      "problem: not renewed in the guest: host%-keys: there are none in /etc/ssh\n", 60)
  end)

  -- The names of steps, and below each those of what it consists of; their times add up.
  local function named(steps, found)
    for _, each in ipairs(steps) do
      found[#found + 1] = each.step
      local inside = 0
      for _, one in ipairs(each.steps or {}) do inside = inside + one.ms end
      assert.is_true(each.ms >= 0 and (each.step ~= "start" or each.ms >= inside), each.step)
      named(each.steps or {}, found)
    end
    return found
  end

  it("says what each step has taken", function()
    local text = home:does("fork", "m.saved", "--forward", "auto", "--json", "--profile",
                           "--mount", "out-1:/out")
    local told = core.json.decode(text:match '[^\n]*"kind":"profile"[^\n]*')
    assert.equal("m-1", told.machine)
    assert.same({ "saved machine", "recipe", "template", "supervisor", "plan", "start",
      "files and helpers", "qemu", "handshake", "restore: devices", "restore: memory",
      "restore: state", "running", "restore: renew", "clock", "randomness", "hostname",
      "machine-id", "mac", "restore: mounts", "request", "daemon", "getfd", "chardev-add",
      "device_add", "guest" }, named(told.steps, {}))
  end)

  it("has clones that are not started anew, on the disks of the first", function()
    home:does("fork", "m.saved", "--as", "one", "--forward", "auto")
    local before = home:json("status", "one", "--json").id
    local why = "machine 'one' is a clone of 'm', which cannot be started anew: lunik fork makes "
      .. "another; lunik up --set name=one " .. home.dir .. "/m.lua starts a machine of its "
      .. "recipe, with the disks that the recipe names"
    assert.same({ 1, "", "lunik restart: " .. why .. "; nothing is stopped\n" },
                { home:lunik("restart", "one") })
    assert.equal(before, home:json("status", "one", "--json").id)
    home:does("down", "--force", "one")
    for _, verb in ipairs { "up", "unit" } do
      local status, out, said = home:lunik(verb, "one")
      assert.same({ 1, "", ("lunik %s: %s\n"):format(verb, why) }, { status, out, said })
    end
    home:does("up", "--set", "name=one", home:recipe("plain", [[return machine { ready = "qmp",
      accel = "tcg", memory = "64M" }]]))
    home:does("restart", "--force", "one")
  end)

  it("is refused at the line of what there can be only one of", function()
    assert.equal(1, refused(("m.lua:4: nic.forward: it cannot be forked: port %d of this host "
      .. "leads into one machine: --forward auto gives each clone a free one"):format(taken),
      "m.saved", "-n", "2"))
    refused("a number of clones from 1 to 1000 expected, got 'no'", "m.saved", "-n", "no")
    refused("first a letter or digit, expected, got 'a b'", "m.saved", "--as", "a b")
    refused("needs {n}, where their number is to be: clone-{n}", "m.saved", "-n", "2", "--as",
            "clone")
    refused("/none: no such directory", "m.saved", "--mount", "none", "--forward", "auto")
    refused("/nobody: no such folder; lunik ls -a says which machines are saved\n", "nobody")
  end)

  it("has a clone whole, or none", function()
    assert.equal(3, refused("mount: 'x' is taken by the mount", "m.saved", "-n", "2", "--forward",
                            "auto", "--mount", "out-1:/a/x", "--mount", "out-2:/b/x"))
  end)

  it("has clones for a program, all or none", function()
    local run = require "support.run"
    local script = home:recipe("program", [[
      local lunik = require "lunik"
      local vms, problems = lunik.fork(arg[1], { n = 2, as = "p{n}", forward = "auto",
        mounts = function(number)
          return { { from = arg[2] .. "/out-" .. number, to = "/out" } }
        end })
      if not vms then error(lunik.text(problems)) end
      for _, vm in ipairs(vms) do
        print(vm.name, (select(2, vm:exec { "cat", "/run/nonce" })))
        vm:stop("done", "quit")
        vm:wait()
        vm:close()
      end
      print(lunik.fork(arg[1], { n = 2, as = "p{n}", forward = "auto", mounts = function(number)
        return { { from = arg[2] .. "/out-1", tag = number == 2 and "work" or "out" } }
      end }))]])
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    local text = run.output { path = true, argv = { run.interpreter, script,
      home.dir .. "/m.saved", home.dir }, env = table.move(home.env, 1, #home.env, 3, env) }
    assert.truthy(text:find "^p1\tnonce%-4711\n\np2\tnonce%-4711\n\nnil\ttable: ", text)
    assert.same({}, home:runtime())
  end)
end)
