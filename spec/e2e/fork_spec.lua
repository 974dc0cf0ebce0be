-- `lunik fork` with a real guest: clones of a saved machine go on from where it was, each with what
-- is its own, and what was saved stays what it is.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine that is forked", function()
  local home
  setup(function()
    home = house.new()
    for _, name in ipairs { "work", "out-1", "out-2", "out-3" } do
      stat.mkdir(home.dir .. "/" .. name, 448)
    end
    os.execute("qemu-img create -q -f qcow2 " .. home.dir .. "/base.qcow2 64M")
    home:does("up", home:small("m", [[agent {}, nic { forward = { web = { guest = 80,
      host = 18931 } } }, hotplug { ports = 4 },
      disk { file = "own.qcow2", create = true, size = "64M" },
      disk { file = "base.qcow2", overlay = true }, mount { from = "work", to = "/work" }]]))
    home:does("exec", "m", "--", "sh", "-c", [[echo nonce-4711 >/run/nonce
      for disk in /dev/vd[ab]; do
        echo before | dd of=$disk bs=512 conv=sync oflag=direct 2>/dev/null
      done]])
    home:does("save", "m", "m.saved")
  end)
  -- what was saved, and its disks, stay for the next case
  after_each(function()
    for _, one in ipairs(home:json("ls", "--json").machines) do
      if one.state ~= "down" then home:lunik("down", "--force", one.name) end
    end
    assert.same({}, home:runtime())
  end)
  teardown(function() home:close() end)

  local function guest(name, text) return (home:does("exec", name, "--", "sh", "-c", text)) end

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

  -- Sums of what was saved, and of the disk under it.
  local function sums()
    local found = {}
    for _, path in ipairs { "own.qcow2", "base.qcow2", "m.saved/memory", "m.saved/state",
                            "m.saved/disks/base" } do
      found[path] = core.copy.sha256(scratch.read(home.dir .. "/" .. path))
    end
    return found
  end

  it("has clones with disks, forwards and mounts of their own", function()
    local before = sums()
    local _, said = home:does("fork", "m.saved", "-n", "2", "--forward", "auto", "--mount",
                              "out-{n}:/out")
    local ports = {}
    for i, name in ipairs { "m-1", "m-2" } do
      assert.truthy(said:find(name .. ": forked after %d+%.%d s\n"), said)
      assert.truthy(said:find(name .. ": mount out: /out in the guest\n", 1, true), said)
      assert.equal("nonce-4711\nbefore\nbefore\n", guest(name, "cat /run/nonce;" .. READ))
      write(name)
      guest(name, "echo " .. name .. " >/out/name; echo x >/work/" .. name)
      assert.equal(name .. "\n", scratch.read(("%s/out-%d/name"):format(home.dir, i)))
      assert.truthy(stat.lstat(home.dir .. "/work/" .. name))
      ports[i] = home:json("forward", "--json", name).forwards[1].port
    end
    for _, name in ipairs { "m-1", "m-2" } do
      assert.equal(name .. "\n" .. name .. "\n", guest(name, READ))
    end
    assert.is_true(ports[1] ~= ports[2] and ports[1] ~= 18931 and ports[2] ~= 18931)

    -- numbers that are taken are passed over
    home:does("down", "--force", "m-1")
    home:does("fork", "m.saved", "-n", "2", "--forward", "auto")
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
    assert.equal("nonce-4711\n", guest("clone", "cat /run/nonce"))
  end)

  it("is refused at the line of what there can be only one of", function()
    assert.equal(1, refused("m.lua:4: nic.forward: it cannot be forked: port 18931 of this host "
      .. "leads into one machine: --forward auto gives each clone a free one", "m.saved", "-n",
      "2"))
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
