-- Any bytes in any file that lunik reads back: no reader raises, and none hands on what has not the
-- form that its callers expect. fuzz/state.lua asks the same readers.
local core = require "lunik.core"
local kept = require "support.kept_files"
local machines = require "lunik.supervisor.machines"
local records = require "lunik.store.records"
local scratch = require "support.scratch"
local snapshot = require "lunik.recipe.snapshot"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local ROUNDS = tonumber(os.getenv "ROUNDS") or 10000
local SEED = tonumber(os.getenv "SEED") or 20
local MOST = 160           -- megabytes

describe("any bytes", function()
  local dir, leave
  setup(function()
    dir = scratch.new()
    leave = kept.enter(dir)
  end)
  teardown(function()
    leave()
    scratch.remove(dir)
  end)
  before_each(function()
    for _, row in ipairs(kept.files) do unistd.unlink(dir .. "/" .. row.file) end
  end)

  for _, row in ipairs(kept.files) do
    it(("are read as a %s without harm #thorough"):format(row.name), function()
      math.randomseed(SEED)
      for round = 1, ROUNDS do
        local text = kept.spoil(math.random, row.real)
        unistd.unlink(dir .. "/" .. row.file)   -- a file that is emptied is flushed to the disk
        scratch.write(dir .. "/" .. row.file, text)
        local ok, why = xpcall(row.read, debug.traceback, dir)
        assert(ok, ("SEED=%d, round %d: %q\n%s"):format(SEED, round, text, why))
      end
    end)

    it(("are not there where the %s is something else"):format(row.name), function()
      local path = dir .. "/" .. row.file
      row.read(dir)
      stat.mkdir(path, 448)
      row.read(dir)
      unistd.rmdir(path)
      unistd.link("nowhere", path, true)
      row.read(dir)
    end)
  end

  it("leave what is as it should be whole", function()
    for _, row in ipairs(kept.files) do
      scratch.write(dir .. "/" .. row.file, row.real)
      row.read(dir)
    end
    local record = records.read(dir .. "/dev")
    assert.same({ nil, "fs-work", "\xff", "ssh" }, { record.problem, record.devices[1].id,
                record.temporary[2], record.forwards[1].name })
    assert.same({ "/r/vm.lua", "powered off" },
                { machines.remembered "dev".recipe, machines.remembered "dev".ended.text })
    assert.equal("/r/lunik/dev", machines.runtime "dev")
    assert.equal("dev", snapshot.restore(scratch.read(dir .. "/dev/snapshot")).plan.name)
  end)

  it("have no device of which a part is not what it should be", function()
    local function device(more)
      local fields = { id = "d", label = "disk d", remove = {}, state = "plugged" }
      for name, value in pairs(more) do fields[name] = value end
      return fields
    end
    local path = dir .. "/dev/vm.json"
    for _, more in ipairs { { state = "x" }, { state = 5 }, { temporary = 5 }, { helper = {} },
                            { networks = { 5 } }, { remove = { {} } }, { label = {} } } do
      scratch.write(path, core.json.encode {
        lunik = 1, id = "1", step = "running", began = 1, supervisor = { pid = 12 },
        devices = { device {}, device(more) } })
      local record = records.read(dir .. "/dev")
      assert.equal(1, #record.devices)
      assert.matches("devices%[2%]", record.problem)
    end
  end)

  it("run nothing as a snapshot, and take no time", function()
    for _, text in ipairs { "(function() while true do end end)()", "{('x'):rep(1<<40)}",
      '{("x"):rep(1<<40)}', "{} .. {}", '{a = "' .. ("x"):rep(100) .. '\\"}', "{goto a ::a::}",
      '{[["]],(function() while true do end end)(),[["]]}', '{[==["]==],("x"):rep(1<<40),[["]]}',
      '{[1]=[["]],(function() while true do end end)()--[["]]}' } do
      assert.is_nil((snapshot.restore(text)), text)
    end
  end)

  -- Megabytes that this process has had at most since it was last asked.
  local function peak()
    local file <close> = assert(io.open "/proc/self/status")
    local most = math.tointeger(file:read "a":match "VmHWM:%s+(%d+)") / 1024
    scratch.write("/proc/self/clear_refs", "5")
    return most
  end

  it("are not read as more values than memory is to be had for #thorough #measured", function()
    local function many(each, bytes) return each:rep(bytes // #each) end
    local texts = {
      ["dev/vm.json"] = "[" .. many("[],", 15 << 20) .. "1]",
      ["dev/machine.json"] = '{"set":{' .. many('"a":1,', 15 << 20) .. '"b":1}}',
      ["dev/snapshot"] = "{" .. many("{},", 15 << 20) .. "}",
    }
    collectgarbage()
    peak()
    local before = peak()
    for _, row in ipairs(kept.files) do
      local text = texts[row.file]
      if text then
        scratch.write(dir .. "/" .. row.file, text)
        row.read(dir)
        unistd.unlink(dir .. "/" .. row.file)
      end
    end
    local more = peak() - before
    assert.is_true(more < MOST, ("%.0f MB more"):format(more))
    assert.equal("snapshot: not what lunik has written",
                 select(2, snapshot.restore("{" .. many('"",', 4 << 20) .. "}")))
  end)

  it("say which version wrote a record that cannot be read", function()
    scratch.write(dir .. "/dev/vm.json", '{"lunik":2,"id":"abc","qemu":{"pid":7}}')
    local record = records.read(dir .. "/dev")
    assert.same({ "abc", 7, "vm.json: it was written by another version of lunik" },
                { record.id, record.qemu.pid, record.problem })
  end)
end)
