-- Clones of a machine that runs, and runs on: its guest stands still for a moment, and writes to
-- images of its own from then on, which none of its clones sees, nor it theirs.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine that is forked while it runs", function()
  local home
  setup(function()
    home = house.new()
    stat.mkdir(home.dir .. "/work", 448)
    os.execute("qemu-img create -q -f qcow2 " .. home.dir .. "/base.qcow2 64M")
    home:does("up", home:small("m", [[cpu = { "max", rdrand = false, rdseed = false },
      agent {}, nic {}, hotplug { ports = 4 }, disk { file = "base.qcow2", overlay = true },
      mount { from = "work", to = "/work" }]]))
    home:does("exec", "m", "--", "sh", "-c", [[echo nonce-4711 >/run/nonce; echo 0 >/run/count
      (n=0; while sleep 0.1; do n=$((n + 1)); echo $n >/run/part; mv /run/part /run/count
      done) >/dev/null 2>&1 &]])
  end)
  after_each(function()
    for _, one in ipairs(home:json("ls", "--json").machines) do
      if one.name ~= "m" and one.state ~= "down" then home:lunik("down", "--force", one.name) end
    end
  end)
  teardown(function() home:close() end)

  local function guest(name, text) return (home:does("exec", name, "--", "sh", "-c", text)) end

  local function count(name) return assert(tonumber(guest(name, "cat /run/count"))) end

  local READ = "dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -n 1"

  local function write(name, word)
    guest(name, ("echo %s | dd of=/dev/vda bs=512 conv=sync oflag=direct 2>/dev/null"):format(word))
  end

  local function read(name) return (guest(name, READ):gsub("\n", "")) end

  local function counts_on(name)
    local before = count(name)
    for _ = 1, 100 do
      if count(name) > before then return end
    end
    error(name .. ": its program does not go on")
  end

  -- The folders that clones stand on.
  local function places()
    local found = {}
    for _, name in ipairs(scratch.list(home.dir .. "/state/lunik/m")) do
      if name:find "^%.?forked%-%x+%.?[^/]*$" then found[#found + 1] = name end
    end
    return found
  end

  local ASK = "hostname; cat /sys/class/net/eth0/address /proc/sys/kernel/random/uuid;"
              .. "head -c 16 /dev/urandom | md5sum"

  it("goes on with its program, its mount and its disk, and so do its clones", function()
    write("m", "before")
    local _, told = home:does("fork", "m")
    assert.truthy(told:find "^m: its guest stood still for %d+%.%d%d s\n", told)
    local now = count "m"
    write("m", "later")
    home:does("fork", "m", "--as", "other", "--to", "kept")
    write("m", "last")
    guest("m", "echo m >/work/m")
    assert.equal("m\n", scratch.read(home.dir .. "/work/m"))

    local seen = {}
    for name, word in pairs { ["m-1"] = "before", other = "later" } do
      assert.equal(word, read(name))
      assert.equal("nonce-4711\n", guest(name, "cat /run/nonce"))
      counts_on(name)
      guest(name, ("echo %s >/work/%s"):format(name, name))
      assert.equal(name .. "\n", scratch.read(home.dir .. "/work/" .. name))
      write(name, name)
    end
    for _, name in ipairs { "m", "m-1", "other" } do
      for line in guest(name, ASK):gmatch "[^\n]+" do
        assert.falsy(seen[line], line)
        seen[line] = true
      end
    end
    assert.equal("last", read "m")
    assert.is_true(count "m" > now)
    counts_on "m"
    for _, name in ipairs { "m-1", "other" } do assert.equal(name, read(name)) end

    -- what clones stand on goes with the last of them, and what is the user's own stays
    home:does("down", "--force", "other")
    assert.equal(2, #places(), "a folder, and its lock")
    assert.equal("m-1", read "m-1")
    home:does("down", "--force", "m-1")
    assert.same({}, places())
    local status, _, why = home:lunik("restore", "kept")
    assert.equal(1, status)
    assert.truthy(why:find("was made for clones of a machine that ran on", 1, true), why)
    home:does("check", "--verify", "kept")
  end)

  it("is refused what cannot be before its guest stands still", function()
    local function refused(expected, ...)
      local status, out, why = home:lunik("fork", "m", ...)
      assert.same({ 1, "" }, { status, out })
      assert.truthy(why:find(expected, 1, true), why)
      assert.falsy(why:find("stood still", 1, true), why)
      assert.same({}, places())
    end
    refused("needs {n}, where their number is to be: x-{n}", "-n", "2", "--as", "x")
    refused("a number of clones from 1 to 1000 expected, got 'no'", "-n", "no")
    refused("/none: no such folder", "--to", "none/m")
    refused("work: is there already", "--to", "work")
    refused("no private memory: the daemon of a mount writes to the guest's own", "--memory",
            "private", "--mount", "work")
    refused("mount: it cannot be forked: ", "--memory", "private")

    -- what its recipe does not tell
    local card = home:does("plug", "m", "nic", "kind=tap", "ifname=lunik-spec3"):match "%S+"
    refused(("lunik fork: %s: it cannot be forked: a tap interface is one machine's"):format(card))
    home:does("unplug", "m", card)

    home:does("up", home:recipe("lone", [[return machine { name = "lone", ready = "qmp",
      accel = "tcg", memory = "64M" }]]))
    local status, _, why = home:lunik("fork", "lone")
    assert.equal(1, status)
    assert.truthy(why:find "^lunik fork: [^\n]*/lone.lua:1: machine: it cannot be forked: ", why)
    assert.falsy(table.concat(scratch.list(home.dir .. "/state/lunik/lone"), " "):find "forked")
    home:does("down", "--force", "lone")
  end)

  it("can be forked by a program, and by itself", function()
    local run = require "support.run"
    local script = home:recipe("program", [[
      local lunik = require "lunik"
      local vms, problems = lunik.fork("m", { as = "p{n}" })
      if not vms then error(lunik.text(problems)) end
      for _, vm in ipairs(vms) do
        print(vm.name, (select(2, vm:exec { "cat", "/run/nonce" })))
        vm:stop("done", "quit")
        vm:wait()
        vm:close()
      end
      local vm <close> = lunik.attach "m"
      print(type(assert(vm:fork(arg[1] .. "/mine")).stood_still))]])
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    local text = run.output { path = true, argv = { run.interpreter, script, home.dir },
      env = table.move(home.env, 1, #home.env, 3, env) }
    assert.equal("p1\tnonce-4711\n\nnumber\n", text)
    assert.same({}, places())
    local mine = core.json.decode(scratch.read(home.dir .. "/mine/machine.json"))
    assert.is_true(mine.forked)
  end)

  it("has its images put into one when they have become many #long", function()
    write("m", "many")
    for _ = 1, 9 do home:does("qmp", "m", "lunik-fork") end
    local layers = {}
    for _, name in ipairs(scratch.list(home.dir .. "/state/lunik/m")) do
      if name:find "^base%.forked%-%d+%.qcow2$" then layers[#layers + 1] = name end
    end
    assert.is_true(#layers < 8, table.concat(layers, " "))
    assert.equal("many", read "m")
    home:does("fork", "m", "--as", "last")
    assert.equal("many", read "last")
    counts_on "last"
  end)

  it("is saved and restored whole after it was forked", function()
    write("m", "whole")
    home:does("save", "m", "m.saved")
    assert.same({ "base" }, scratch.list(home.dir .. "/m.saved/disks"))
    home:does("restore", "m.saved")
    assert.equal("whole", read "m")
    counts_on "m"
    home:does("down", "--force", "m")
    for _, entry in ipairs(scratch.list(home.dir .. "/state/lunik/m")) do
      assert.falsy(entry:find "qcow2", entry)
    end
  end)
end)
