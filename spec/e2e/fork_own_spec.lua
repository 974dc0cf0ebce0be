-- A machine whose disk is the user's own file is forked, and runs on: what it writes lies above the
-- disk as long as clones stand on that, and is put into it afterwards.
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine with a disk of the user's", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function guest(name, text) return (home:does("exec", name, "--", "sh", "-c", text)) end

  local function read(name)
    return (guest(name, "dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -n 1")
      :gsub("\n", ""))
  end

  local function write(name, word)
    guest(name, ("echo %s | dd of=/dev/vda bs=512 conv=sync oflag=direct 2>/dev/null"):format(word))
  end

  -- What is in the file itself.
  local function on_disk(name)
    local path = home.dir .. "/" .. name
    assert(os.execute(("qemu-img check -q '%s' >/dev/null"):format(path)))
    return (run.output { path = true, fds = { [2] = 2 }, argv = { "sh", "-c", [[
      qemu-img dd -f qcow2 -O raw bs=512 count=1 if="$1" of="$1.block" && head -n 1 "$1.block"]],
      "sh", path } }:gsub("\n", ""))
  end

  -- What lies above disks, and notes beside them.
  local function above()
    local found = {}
    for _, name in ipairs(scratch.list(home.dir)) do
      if name:find "%.written%-" or name:find "%.frozen$" or name:find "/%.?forked%-%x+$" then
        found[#found + 1] = name
      end
    end
    return found
  end

  local RECIPE = [[agent {}, disk { file = "own.qcow2", id = "own", %s }]]

  it("has its writes put into its disk once no clone stands on it", function()
    local recipe = home:small("m", RECIPE:format [[create = true, size = "64M"]])
    home:does("up", recipe)
    write("m", "first")
    home:does("fork", "m")
    write("m", "second")
    home:does("fork", "m", "--as", "other")
    write("m", "third")
    write("m-1", "clone")
    assert.same({ "third", "clone", "second" }, { read "m", read "m-1", read "other" })
    assert.equal("first", on_disk "own.qcow2")

    -- it is told who stands in the way, and nothing is lost
    local _, told = home:does("down", "--force", "m")
    assert.truthy(told:find("stays: m-1 stands on it\n", 1, true), told)
    local status, _, why = home:lunik("up", recipe)
    assert.equal(1, status)
    assert.truthy(why:find("m.lua:4: disk.file: 'own.qcow2' is free once no clone ", 1, true), why)
    assert.same({ "clone", "second", "first" }, { read "m-1", read "other", on_disk "own.qcow2" })
    home:does("down", "--force", "m-1", "other")
    home:does("up", recipe)
    assert.equal("third", read "m")
    assert.same({}, above())

    -- and at its end, where nobody does
    home:does("fork", "m")
    write("m", "fourth")
    home:does("down", "--force", "m-1")
    home:does("down", "--force", "m")
    assert.same({ "fourth", {} }, { on_disk "own.qcow2", above() })
  end)

  it("is saved whole after it was forked, and not while clones stand on its disk", function()
    home:does("up", home:small("m", RECIPE:format [[create = true, size = "64M"]]))
    write("m", "first")
    home:does("fork", "m")
    write("m", "second")
    local status, _, why = home:lunik("save", "m", "m.saved")
    assert.equal(1, status)
    assert.truthy(why:find("disk own: what is in ", 1, true), why)
    write("m", "third")
    home:does("down", "--force", "m-1")
    home:does("save", "m", "m.saved")
    assert.equal("third", on_disk "own.qcow2")
    home:does("restore", "m.saved")
    assert.equal("third", read "m")
    home:does("down", "--force", "m")
    assert.same({ "third", {} }, { on_disk "own.qcow2", above() })
    scratch.remove(home.dir .. "/m.saved")
  end)

  it("has nothing written into the base of its overlay when it goes on", function()
    os.execute("qemu-img create -q -f qcow2 " .. home.dir .. "/base.qcow2 64M")
    local before = core.copy.sha256(scratch.read(home.dir .. "/base.qcow2"))
    home:does("up", home:small("m", [[agent {}, disk { file = "base.qcow2", id = "own",
      overlay = "kept.qcow2" }]]))
    write("m", "first")
    home:does("save", "m", "m.saved")
    home:does("restore", "m.saved")
    write("m", "second")
    home:does("fork", "m")
    write("m", "third")
    assert.equal("second", read "m-1")
    home:does("down", "--force", "m-1")
    home:does("down", "--force", "m")
    assert.equal(before, core.copy.sha256(scratch.read(home.dir .. "/base.qcow2")))
    assert.equal("third", on_disk "kept.qcow2")
    assert.is_nil(stat.lstat(home.dir .. "/kept.qcow2.frozen"))
  end)
end)
