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

  it("is its own again where it was not saved after all", function()
    frozen.release({ disk }, saved)
    assert.same({ n = 2 }, table.pack(whose()))
    assert.is_nil(stat.lstat(disk .. ".frozen"))
  end)
end)
