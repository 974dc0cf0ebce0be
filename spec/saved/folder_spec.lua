-- The folder of a saved machine: written aside, whole or not at all; read as if anybody had
-- written it.
local core = require "lunik.core"
local draft = require "lunik.saved.draft"
local fcntl = require "posix.fcntl"
local folder = require "lunik.saved.folder"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local function machine()
  return { name = "web", generation = "0d6bd0c2-2e4d-4a8e-9a3e-0f3d4c7a1b2c", saved = 1700000000,
    arch = "x86_64",
    hardware = { qemu = "7.2.22", type = "pc-q35-7.2", accel = "tcg",
                 cpu = { model = "base", asked = "max", properties = { aes = true, level = 13 } } },
    recipe = { file = "/srv/\xff/vm.lua", outline = { name = "web", dir = "/srv", scalars = {},
               written = {}, items = {}, hooks = {}, needs = {} } } }
end

local PAGE = 4096

describe("the folder of a saved machine", function()
  local dir, place
  before_each(function()
    dir = scratch.new()
    place = dir .. "/web.saved"
  end)
  after_each(function() scratch.remove(dir) end)

  local function memory()
    local fd = assert(fcntl.open(dir .. "/ram", fcntl.O_RDWR | fcntl.O_CREAT, 384))
    unistd.ftruncate(fd, 64 * PAGE)
    unistd.lseek(fd, 7 * PAGE, unistd.SEEK_SET)
    unistd.write(fd, "what is in memory")
    return fd
  end

  local function save()
    local one <close> = assert(draft.new(place))
    local fd = assert(one:create "state")
    unistd.write(fd, ("state"):rep(1000))
    unistd.close(fd)
    fd = memory()
    assert(one:copy("memory", fd))
    unistd.close(fd)
    assert(one:write("disks/system.overlay", "an overlay"))
    assert(one:finish(machine()))
    unistd.unlink(dir .. "/ram")
  end

  local function names() return table.concat(scratch.list(dir), " ") end

  it("has all its files, for this user alone, and nothing lies beside it", function()
    save()
    assert.equal("web.saved web.saved/disks web.saved/disks/system.overlay web.saved/machine.json "
      .. "web.saved/machine.sha256 web.saved/memory web.saved/state", names())
    assert.equal(tonumber("700", 8), stat.stat(place).st_mode & 511)
    for _, name in ipairs { "state", "memory", "machine.json", "disks/system.overlay" } do
      assert.equal(tonumber("600", 8), stat.stat(place .. "/" .. name).st_mode & 511)
    end
    assert.is_true(stat.stat(place .. "/memory").st_blocks * 512 < 4 * PAGE)
  end)

  it("reads back as it was written", function()
    save()
    local saved = assert(folder.open(place))
    local wanted = machine()
    for _, name in ipairs { "name", "generation", "saved", "arch", "hardware", "recipe" } do
      assert.same(wanted[name], saved.machine[name])
    end
    assert.same({}, saved:verify())
    assert.is_nil(saved.owner)
    assert.is_nil(saved.used)
    assert.equal(64 * PAGE, saved.machine.files.memory.size)
  end)

  it("gives a file's contents together with whether they are right", function()
    save()
    local saved = assert(folder.open(place))
    local to = assert(fcntl.open(dir .. "/copy", fcntl.O_RDWR | fcntl.O_CREAT, 384))
    assert.is_true(saved:copy("memory", to))
    assert.equal(scratch.read(place .. "/memory"), scratch.read(dir .. "/copy"))
  end)

  it("is not there until it is finished, and nothing stays of one that is given up", function()
    do
      local one <close> = assert(draft.new(place))
      one:write("state", "half")
      assert.truthy(names():find "^%.web%.saved%.partial%-")
      assert.is_nil(stat.lstat(place))
    end
    assert.equal("", names())
  end)

  it("takes the place of nothing", function()
    save()
    local one, why = draft.new(place)
    assert.is_nil(one)
    assert.equal(place .. ": is there already", why)
    scratch.write(dir .. "/file", "")
    assert.is_nil((draft.new(dir .. "/file")))
  end)

  it("is not made where its name is no name, or its folder is none", function()
    assert.is_nil((draft.new(dir .. "/.hidden")))
    local _, why = draft.new(dir .. "/none/web")
    assert.equal(dir .. "/none: no such folder", why)
  end)

  it("has what a writer left that was killed removed by the next, and leaves one that writes",
  function()
    run.lua(([[
      local draft = require "lunik.saved.draft"
      local one = assert(draft.new(%q))
      one:write("state", "half")
      one:write("disks/a", "half")
      require "posix.signal".kill(require "posix.unistd".getpid(), 9)
    ]]):format(place), { fds = { [2] = 2 } })
    assert.truthy(names():find "%.web%.saved%.partial%-%x+/disks/a")
    local writing <close> = assert(draft.new(place))
    writing:write("state", "half")
    local other <close> = assert(draft.new(place))
    assert.is_truthy(stat.stat(writing.path .. "/state"))
    other:close()
    writing:close()
    assert.equal("", names())
  end)

  -- Where a change of the folder is refused, and how.
  local function refused(change, text)
    save()
    change()
    local saved, why = folder.open(place)
    if saved then why = saved:verify()[1] end
    assert.is_string(why)
    assert.equal(place .. ": " .. text, why)
  end

  local function edit(name, at, byte)
    return function()
      local fd = assert(fcntl.open(place .. "/" .. name, fcntl.O_RDWR))
      unistd.lseek(fd, at, unistd.SEEK_SET)
      unistd.write(fd, byte)
      unistd.close(fd)
    end
  end

  local function remove(name) return function() unistd.unlink(place .. "/" .. name) end end

  -- Another text of machine.json, with its sum.
  local function record(change)
    return function()
      local value = core.json.decode(scratch.read(place .. "/machine.json"))
      change(value)
      local text = core.json.encode(value)
      scratch.write(place .. "/machine.json", text)
      scratch.write(place .. "/machine.sha256", core.copy.sha256(text) .. "  machine.json\n")
    end
  end

  local DAMAGED = "%s: is damaged (its sum is another)"
  local CASES = {
    { "a flipped byte of machine.json", edit("machine.json", 9, "\1"),
      DAMAGED:format "machine.json" },
    { "a flipped byte of the state", edit("state", 2500, "x"), DAMAGED:format "state" },
    { "a flipped byte of the memory", edit("memory", 7 * PAGE + 3, "x"), DAMAGED:format "memory" },
    { "a byte where the memory has a hole", edit("memory", 40 * PAGE, "x"),
      DAMAGED:format "memory" },
    { "a flipped byte of a disk", edit("disks/system.overlay", 3, "x"),
      DAMAGED:format "disks/system.overlay" },
    { "a missing state", remove "state", "state is missing" },
    { "a missing machine.json", remove "machine.json",
      "is no saved machine: it has no machine.json" },
    { "a missing sum", remove "machine.sha256", "machine.sha256 is missing" },
    { "a sum that is none", function() scratch.write(place .. "/machine.sha256", "x") end,
      "machine.sha256: is not what it should be" },
    { "a state that was cut off",
      function() scratch.write(place .. "/state", "state") end,
      "state: has 5 bytes, and was saved with 5000" },
    { "a link in the place of a file", function()
        os.rename(place .. "/state", dir .. "/elsewhere")
        unistd.link("../elsewhere", place .. "/state", true)
      end, "state is a symbolic link" },
    { "a folder in the place of a file", function()
        unistd.unlink(place .. "/state")
        stat.mkdir(place .. "/state", 448)
      end, "/state: is a directory, not a file", true },
    { "another format", record(function(value) value.format, value.lunik = 7, "9.9\27[1m" end),
      "machine.json: has format 7, and this lunik reads format 1: it was saved by lunik 9.9\\x1b[1m"
    },
    { "no format", record(function(value) value.format = nil end),
      "machine.json: is no record of a saved machine" },
    { "no hardware", record(function(value) value.hardware = nil end),
      "machine.json: has no hardware" },
    { "a size that is none", record(function(value) value.files.state.size = -1 end),
      "machine.json: files.state.size is not what it should be" },
    { "a property that is a list",
      record(function(value) value.hardware.cpu.properties.aes = { 1 } end),
      "machine.json: hardware.cpu.properties.aes is not what it should be" },
    { "an outline that is none", record(function(value) value.recipe.outline.items = 3 end),
      "machine.json: outline.items is not what it should be" },
    { "a file outside of it", record(function(value)
        value.files["../../etc/passwd"] = value.files.state
      end), "machine.json: files: no file can be called so" },
  }

  for _, case in ipairs(CASES) do
    it("refuses " .. case[1], function()
      refused(case[2], case[4] and place .. case[3] or case[3])
    end)
  end

  it("refuses a pipe without waiting for its writer", function()
    refused(function()
      unistd.unlink(place .. "/state")
      stat.mkfifo(place .. "/state", 384)
    end, place .. "/state: is a fifo, not a file")
  end)

  it("refuses one that others may write to, and one that is larger than any", function()
    save()
    stat.chmod(place, tonumber("777", 8))
    local _, why = folder.open(place)
    assert.equal(place .. ": others may write to it (mode 0777)", why)
    stat.chmod(place, tonumber("700", 8))
    local fd = fcntl.open(place .. "/machine.json", fcntl.O_RDWR)
    unistd.ftruncate(fd, 1 << 40)
    unistd.close(fd)
    _, why = folder.open(place)
    assert.equal(place .. ": machine.json: is larger than 16777216 bytes", why)
  end)

  it("refuses a name that no machine can have, which would be a part of paths", function()
    local form = require "lunik.saved.record"
    local text = form.encode((function()
      local one = machine()
      one.files = {}
      return one
    end)())
    assert.equal("web", assert(form.decode(text)).name)
    for _, name in ipairs { "../../other", "a/b", "", ".." } do
      local found, why = form.decode((text:gsub('"name":%s*"web"', ('"name":"%s"'):format(name))))
      assert.is_nil(found, name)
      assert.matches("name", why)
    end
  end)

  it("refuses what is none at all", function()
    local _, why = folder.open(dir .. "/none")
    assert.equal(dir .. "/none: no such file", why)
    scratch.write(dir .. "/file", "")
    _, why = folder.open(dir .. "/file")
    assert.equal(dir .. "/file: is no folder of a saved machine", why)
    _, why = folder.open(dir)
    assert.equal(dir .. ": is no saved machine: it has no machine.json", why)
  end)

  it("is marked once it has been restored, and reads as marked whatever the mark says", function()
    save()
    local saved = assert(folder.open(place))
    assert.is_true(saved:mark { at = 1700000001, into = "web" })
    assert.same({ at = 1700000001, into = "web" }, folder.open(place).used)
    scratch.write(place .. "/used", "\0")
    assert.same({}, folder.open(place).used)
  end)

  it("is removed with its files, and what else lies there stays", function()
    save()
    scratch.write(place .. "/.mine", "")
    assert.is_nil((folder.open(place):remove()))
    assert.equal("web.saved web.saved/.mine", names())
    unistd.unlink(place .. "/.mine")
    unistd.rmdir(place)
    save()
    assert.is_true(folder.open(place):remove())
    assert.equal("", names())
  end)
end)
