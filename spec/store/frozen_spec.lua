-- Whose a disk of a saved machine is, by the note beside it.
local frozen = require "lunik.store.frozen"
local host = require "lunik.host"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local ID = ("ab"):rep(16)

describe("a disk of a saved machine", function()
  local dir, disk, saved, over
  before_each(function()
    dir = scratch.new()
    disk, saved, over = dir .. "/own.qcow2", dir .. "/m.saved", dir .. "/own.restored.qcow2"
    scratch.write(disk, "x")
    scratch.write(over, "x")
    stat.mkdir(saved, 448)
    scratch.write(saved .. "/machine.json", ('{"generation":"%s"}'):format(ID))
    assert(frozen.mark({ disk }, saved, ID))
  end)
  after_each(function() scratch.remove(dir) end)

  local function whose() return frozen.by(disk), frozen.over(disk, host) end

  it("belongs to it", function() assert.same({ saved }, { whose() }) end)

  it("belongs to it while a machine that goes on has something above it", function()
    assert(frozen.is_under(disk, { dir = saved, generation = ID }, over))
    assert.same({ saved }, { whose() })
  end)

  it("takes what is above it once that machine has gone on for good", function()
    assert(frozen.is_under(disk, { dir = saved, generation = ID }, over))
    scratch.write(saved .. "/used", "{}")
    assert.same({ n = 2, nil, over }, table.pack(whose()))
  end)

  it("takes what is above it where what was saved is gone or another", function()
    assert(frozen.is_under(disk, { dir = saved, generation = ID }, over))
    scratch.write(saved .. "/machine.json", ('{"generation":"%s"}'):format(("cd"):rep(16)))
    assert.same({ n = 2, nil, over }, table.pack(whose()))
    scratch.remove(saved)
    assert.same({ n = 2, nil, over }, table.pack(whose()))
  end)

  it("is its own where nothing is above it and what was saved is gone", function()
    scratch.remove(saved)
    assert.same({ n = 2 }, table.pack(whose()))
  end)

  it("has as many on it as a machine that ran on was forked, and then what that wrote", function()
    scratch.remove(saved)
    local places = { dir .. "/a", dir .. "/b" }
    for i, place in ipairs(places) do
      stat.mkdir(place, 448)
      local id = ("%02x"):format(i):rep(16)
      scratch.write(place .. "/machine.json", ('{"generation":"%s"}'):format(id))
      assert(frozen.stand(disk, place, id, over))
    end
    assert.same({ places[2], nil }, { whose() })
    assert.equal(places[1], frozen.by(disk, host, places[1]))
    scratch.remove(places[2])
    assert.same({ places[1], nil }, { whose() })
    scratch.remove(places[1])
    assert.same({ n = 2, nil, over }, table.pack(whose()))
  end)

  it("is as before where a machine was not forked after all", function()
    scratch.remove(saved)
    assert(frozen.stand(disk, dir .. "/a", ID, over))
    assert(frozen.stand_off(disk, dir .. "/a", nil))
    assert.is_nil(stat.lstat(disk .. ".frozen"))
    assert(frozen.stand(disk, saved, ID, over))
    assert(frozen.stand(disk, dir .. "/b", ID, dir .. "/newer"))
    assert(frozen.stand_off(disk, dir .. "/b", over))
    assert.same({ n = 2, nil, over }, table.pack(whose()))
  end)

  it("is its own again where it was not saved after all", function()
    frozen.release({ disk }, saved)
    assert.same({ n = 2 }, table.pack(whose()))
    assert.is_nil(stat.lstat(disk .. ".frozen"))
  end)
end)
