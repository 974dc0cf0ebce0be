-- Much more than anybody would hold, out of a real guest and into it: all of it arrives, and the
-- supervisor's memory stays what it was. LUNIK_SPEC_BYTES asks for another size,
-- such as a gigabyte.
local client = require "lunik.supervisor.client"
local house = require "support.house"
local run = require "support.run"
local unistd = require "posix.unistd"

local BLOCK = 64 << 10
local BYTES = math.tointeger(os.getenv "LUNIK_SPEC_BYTES") or 256 << 20
local COUNT = BYTES // BLOCK
local FLAT = 3 << 20       -- bytes by which memory may differ

describe("what is long", function()
  local home, vm, supervisor, salt

  setup(function()
    home = house.new()
    home:does("up", home:small("bulk", "agent {}"))
    supervisor = home:json("status", "bulk", "--json").supervisor.pid
    vm = assert(client.open("bulk", home.dir .. "/run/lunik/bulk/control.sock"))
    local bytes = {}
    for i = 1, BLOCK - 8 do bytes[i] = string.char(i * i * 7 % 251) end
    salt = table.concat(bytes)
  end)
  teardown(function()
    vm:close()
    home:close()
  end)

  local function memory()
    for line in io.lines(("/proc/%d/smaps_rollup"):format(supervisor)) do
      local kilobytes = line:match "^Pss: +(%d+)"
      if kilobytes then return tonumber(kilobytes) << 10 end
    end
  end

  -- The host's checksum of what is given to put(bytes).
  local function checksum()
    local reader, writer = unistd.pipe()
    local child, out = run.start { argv = { "md5sum" }, path = true, fds = { [0] = reader } }
    unistd.close(reader)
    local function put(bytes)
      local at = 1
      while at <= #bytes do at = at + assert(unistd.write(writer, bytes:sub(at))) end
    end
    return put, function()
      unistd.close(writer)
      local text = run.drain(out)
      assert.same({ "exited", 0 }, { child:wait(60) })
      return text:match "^%x+"
    end
  end

  -- Counts bytes, and looks at the supervisor's memory now and then.
  local function watched()
    local most, size, next_look = 0, 0, 0
    return function(bytes)
      size = size + #bytes
      if size < next_look then return end
      most, next_look = math.max(most, memory()), size + BYTES // 16
    end, function() return most, size end
  end

  local function flat(before, during)
    local after = memory()
    assert.is_true(during - before < FLAT, ("%d kB, then %d"):format(before >> 10, during >> 10))
    assert.is_true(after - before < FLAT, ("%d kB, then %d"):format(before >> 10, after >> 10))
  end

  it("goes in, whole, and nobody holds it", function()
    assert(vm:exec { "true" } == 0)
    local before, count, put, sum = memory(), 0, checksum()
    local look, seen = watched()
    local status, out = vm:exec { "md5sum", stdin = function()
      if count == COUNT then return nil end
      count = count + 1
      local block = string.pack("<I8", count) .. salt
      put(block)
      look(block)
      return block
    end }
    assert.equal(0, status)
    assert.equal(sum(), out:match "^%x+")
    flat(before, (seen()))
  end)

  it("comes out, whole, and nobody holds it", function()
    local part = 64
    local times = COUNT // part
    local blocks = {}
    for i = 1, part do blocks[i] = string.pack("<I8", i) .. salt end
    local one = table.concat(blocks)
    assert(vm:exec { "sh", "-c", "cat >/run/part", input = one } == 0)
    local before, put, sum = memory(), checksum()
    local look, seen = watched()
    local status = vm:exec { "sh", "-c", "i=0; while [ $i -lt $1 ]; do cat /run/part; echo $i; "
      .. "i=$((i+1)); done", "sh", ("%d"):format(times),
      stdout = function(bytes) put(bytes) look(bytes) end }
    assert.equal(0, status)
    local want, total = checksum()
    for i = 0, times - 1 do want(one .. i .. "\n") end
    assert.equal(total(), sum())
    flat(before, (seen()))
  end)
end)
