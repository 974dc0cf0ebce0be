-- Memory of a saved machine that is compressed: the same as it was, known by the same sum, and
-- never more than was saved, whatever lies in its place.
local draft = require "lunik.saved.draft"
local folder = require "lunik.saved.folder"
local fcntl = require "posix.fcntl"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local PAGE = 4096

describe("memory that is compressed", function()
  local dir, place
  before_each(function()
    dir = scratch.new()
    place = dir .. "/web.saved"
    local fd = assert(fcntl.open(dir .. "/ram", fcntl.O_RDWR | fcntl.O_CREAT, 384))
    unistd.ftruncate(fd, 256 * PAGE)
    unistd.lseek(fd, 7 * PAGE, unistd.SEEK_SET)
    unistd.write(fd, ("what is in memory "):rep(2000))
    unistd.close(fd)
    local one <close> = assert(draft.new(place))
    assert(one:pack("memory", dir .. "/ram"))
    assert(one:finish { name = "web", generation = "0d6bd0c2-2e4d-4a8e-9a3e-0f3d4c7a1b2c",
      saved = 1700000000, arch = "x86_64",
      hardware = { qemu = "7.2.22", type = "pc-q35-7.2", accel = "tcg",
                   cpu = { model = "base", asked = "max", properties = {} } },
      recipe = { file = "/srv/vm.lua", outline = { name = "web", dir = "/srv", scalars = {},
                 written = {}, items = {}, hooks = {}, needs = {} } } })
  end)
  after_each(function() scratch.remove(dir) end)

  local function unpack(name)
    local to = assert(fcntl.open(dir .. "/" .. name, fcntl.O_RDWR | fcntl.O_CREAT, 384))
    local ok, why = assert(folder.open(place)):copy("memory", to)
    unistd.close(to)
    return ok, why
  end

  -- Has what a program writes lie in its place, of which the record says no more than the size.
  local function swap(argv)
    local text = run.output { path = true, argv = argv }
    scratch.write(place .. "/memory", text)
    local json = scratch.read(place .. "/machine.json"):gsub('"packed":%d+',
      ('"packed":%d'):format(#text))
    scratch.write(place .. "/machine.json", json)
    scratch.write(place .. "/machine.sha256", require "lunik.core".copy.sha256(json)
      .. "  machine.json\n")
  end

  it("takes less room, and is the same again, with its holes", function()
    local entry = folder.open(place).machine.files.memory
    assert.equal(256 * PAGE, entry.size)
    assert.equal(stat.stat(place .. "/memory").st_size, entry.packed)
    assert.is_true(entry.packed < 4 * PAGE)
    assert.is_true(unpack "again")
    assert.equal(scratch.read(dir .. "/ram"), scratch.read(dir .. "/again"))
    assert.is_true(stat.stat(dir .. "/again").st_blocks * 512 < 64 * PAGE)
    assert.same({}, folder.open(place):verify())
  end)

  it("is refused where it is damaged, or is no such thing", function()
    swap { "sh", "-c", "head -c 1048576 /dev/zero | tr '\\0' x | zstd -q -c" }
    assert.matches("memory: is damaged %(its sum is another%)", select(2, unpack "other"))
    swap { "echo", "no" }
    assert.matches("memory: zstd: exited 1", select(2, unpack "none"))
    assert.matches("memory: zstd: exited 1", folder.open(place):verify()[1])
  end)

  it("never becomes more than what was saved", function()
    swap { "sh", "-c", "head -c 67108864 /dev/zero | tr '\\0' x | zstd -q -c" }
    assert.matches("memory: zstd: ", select(2, unpack "bomb"))
    assert.is_true(stat.stat(dir .. "/bomb").st_size <= 256 * PAGE)
    assert.matches("memory: zstd: ", folder.open(place):verify()[1])
  end)
end)
