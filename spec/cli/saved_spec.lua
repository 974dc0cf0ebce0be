-- `lunik show` and `lunik check` of a saved machine, as people and programs read them.
local core = require "lunik.core"
local draft = require "lunik.saved.draft"
local sums = require "lunik.saved.sums"
local folder = require "lunik.saved.folder"
local house = require "support.house"
local lunik = require "lunik"
local now = require "lunik.saved.now"
local outline = require "lunik.change.outline"
local scratch = require "support.scratch"
local shadow = require "lunik.saved.shadow"
local stat = require "posix.sys.stat"

local RECIPE = [[
return machine { name = "dev", accel = "tcg", cpu = "qemu64", memory = "256M",
  disk { file = "system.raw", format = "raw" }, mount { from = "src", to = "/work" } }
]]

describe("a saved machine in a terminal", function()
  local here, place, version

  -- `sum`: of the disk that is not in the folder
  local function save(recipe, sum)
    local machine = assert(lunik.load(recipe))
    local inputs = machine.raw.inputs
    version = now.of(machine).qemu.version
    local stamp = now.stamp(here.dir .. "/system.raw")
    stamp.file, stamp.format = here.dir .. "/system.raw", "raw"
    stamp.sum = sum
    local one <close> = assert(draft.new(place))
    assert(one:write("state", ("state"):rep(100000)))
    assert(one:write("memory", ("memory"):rep(100000)))
    assert(one:finish { name = "dev", generation = "0d6bd0c2-2e4d-4a8e-9a3e-0f3d4c7a1b2c",
      saved = 1700000000, recipe = shadow.of(outline.of(machine), inputs, recipe, {}),
      hardware = { qemu = version, type = "pc-q35-7.2", asked = "q35", accel = "tcg",
        arch = "x86_64", memory = 256 << 20, cpus = { { type = "qemu64-x86_64-cpu" } },
        cpu = { model = "base", asked = "qemu64", properties = { aes = true, sgx = false } },
        modules = { { id = "m1", address = 4 << 30, size = 128 << 20 } },
        devices = { { id = "boot0", slot = 1, ["function"] = 0 }, { slot = 31, ["function"] = 2 },
                    { id = "fs-src", bus = "boot0", slot = 0, ["function"] = 0 } } },
      guest = { memory = core.json.object {} },
      disks = { { id = "system", layers = { stamp } } },
      mounts = { { id = "fs-src", label = "src",
                   fields = { from = here.dir .. "/src", to = "/work" } } },
      forwards = { { name = "ssh", address = "127.0.0.1", port = 2222, guest = 22 } } })
  end

  -- what QEMU is asked once is known to all
  setup(function() here = house.new() end)
  teardown(function() here:close() end)
  before_each(function()
    place = here.dir .. "/dev.saved"
    stat.mkdir(here.dir .. "/src", 448)
    scratch.write(here.dir .. "/system.raw", ("\0"):rep(1 << 20))
    save(here:recipe("dev", RECIPE))
  end)
  after_each(function()
    scratch.remove(place)
    scratch.remove(here.dir .. "/src")
  end)

  local function says(code, out, errors, ...)
    local status, text, complaints = here:lunik(...)
    local dir = here.dir:gsub("%p", "%%%0")
    assert.equal(out, (text:gsub(dir, "HERE"):gsub("%d+%-%d+%-%d+ %d+:%d+:%d+", "DATE")))
    assert.equal(errors, (complaints:gsub(dir, "HERE")))
    assert.equal(code, status)
  end

  it("is shown with what it was, where it was and what it takes", function()
    says(0, ([[
dev
  saved       DATE, by lunik %s
  restored    not yet
  recipe      HERE/dev.lua
  machine     pc-q35-7.2 (q35), tcg, QEMU %s
  cpus        1 × qemu64, pinned as base with 1 feature
  memory      256M, m1 128M at 0x100000000
  devices     boot0 at 01.0
              fs-src at boot0:00.0
  disks       system: HERE/system.raw
  mounts      src: HERE/src at /work
  forwards    ssh: 127.0.0.1:2222 to port 22 of the guest
  files       memory 586K, state 488K
  id          0d6bd0c2-2e4d-4a8e-9a3e-0f3d4c7a1b2c
]]):format(lunik.version, version), "", "show", "dev.saved")
  end)

  it("is shown to programs", function()
    local _, text = here:lunik("show", "--json", "dev.saved")
    local found = core.json.decode(text)
    assert.same({ 1, "dev", place, lunik.version, "pc-q35-7.2" },
      { found.lunik, found.name, found.path, found.saved_by, found.hardware.type })
    assert.same({ "aes" }, { next(found.hardware.cpu.properties) and "aes" })
    assert.is_nil(found.used)
  end)

  it("can be restored where nothing has changed", function()
    says(0, "dev.saved: dev can be restored here\n", "", "check", "dev.saved")
    says(0, "dev.saved: dev can be restored here; all of it is as it was saved\n",
         "lunik check: warning: disk system: HERE/system.raw was saved without a sum: "
         .. "lunik save --sums keeps one\n", "check", "--verify", "dev.saved")
  end)

  it("has its disks read by --verify, where their sums were kept", function()
    local function again(sum)
      scratch.remove(place)
      save(here.dir .. "/dev.lua", sum)
    end
    again(sums.at(here.dir .. "/system.raw"))
    says(0, "dev.saved: dev can be restored here; all of it is as it was saved\n", "", "check",
         "--verify", "dev.saved")
    again(("0"):rep(64))
    says(0, "dev.saved: dev can be restored here\n", "", "check", "dev.saved")
    for _, verb in ipairs { "check", "restore" } do
      says(1, "", "lunik " .. verb .. ": disk system: HERE/system.raw is not what it was (its sum "
           .. "is another)\n", verb, "--verify", "dev.saved")
    end
    scratch.write(here.dir .. "/system.raw", ("\0"):rep(2 << 20))
    says(1, "", "lunik check: disk system: HERE/system.raw has grown since: it was 1M (1048576 "
         .. "bytes), and is 2M (2097152 bytes)\n", "check", "--verify", "dev.saved")
  end)

  it("is refused for all that has changed, at once", function()
    here:recipe("dev", (RECIPE:gsub("256M", "512M"):gsub('"qemu64"', '"max"')))
    local file <close> = io.open(place .. "/state", "r+b")
    file:seek("set", 1000)
    file:write "x"
    file:close()
    scratch.write(here.dir .. "/system.raw", ("\0"):rep(2 << 20))
    says(1, "", [[
lunik check:
  HERE/dev.saved: state: is damaged (its sum is another)
  cpu: was qemu64 when it was saved, and is max now
  memory: was 256M when it was saved, and is 512M now
  disk system: HERE/system.raw has grown since: it was 1M (1048576 bytes), and is 2M (2097152 bytes)
]], "check", "dev.saved")
    local status, text = here:lunik("check", "--json", "dev.saved")
    local found = core.json.decode(text)
    assert.same({ 1, false, 4, "damaged", "recipe-changed", "error" }, { status, found.ok,
      #found.problems, found.problems[1].code, found.problems[2].code,
      found.problems[2].severity })
    assert.equal(found.problems[1].why, found.problems[1].message)
  end)

  it("has its memory read by --verify only", function()
    local file <close> = io.open(place .. "/memory", "r+b")
    file:seek("set", 300001)
    file:write "x"
    file:close()
    says(0, "dev.saved: dev can be restored here\n", "", "check", "dev.saved")
    says(1, "", "lunik check: warning: disk system: HERE/system.raw was saved without a sum: lunik "
         .. "save --sums keeps one\n"
         .. "lunik check: HERE/dev.saved: memory: is damaged (its sum is another)\n", "check",
         "--verify", "dev.saved")
  end)

  it("is refused without its recipe, and checked by another that is named", function()
    os.rename(here.dir .. "/dev.lua", here.dir .. "/moved.lua")
    says(1, "", "lunik check: its recipe HERE/dev.lua: is not there; --recipe FILE says "
         .. "where it is now\n", "check", "dev.saved")
    says(1, "", "lunik restore: its recipe HERE/dev.lua: is not there; --recipe FILE says "
         .. "where it is now\n", "restore", "dev.saved")
    for _, verb in ipairs { "check", "restore" } do
      says(1, "", ("lunik %s: the recipe HERE/dve.lua: is not there\n"):format(verb), verb,
           "dev.saved", "--recipe", "dve.lua")
    end
    says(0, "dev.saved: dev can be restored here\n", "", "check", "dev.saved", "--recipe",
         "moved.lua")
  end)

  it("says that it has been restored already, and of somebody else's what that means", function()
    assert(folder.open(place)):mark { at = 1700000001, into = "dev" }
    says(0, "dev.saved: dev can be restored here\n",
         "lunik check: warning: it has been restored already, into dev: its disks have moved on\n",
         "check", "dev.saved")
    says(1, "", "lunik check: it has been restored already, into dev: its disks have moved on\n",
         "check", "--strict", "dev.saved")
    local _, text = here:lunik("show", "dev.saved")
    assert.truthy(text:find "restored    [%d-]+ [%d:]+ into dev: its disks have moved on\n")
  end)

  it("is told from what is none", function()
    says(1, "", "lunik show: HERE/src: is no saved machine: it has no machine.json\n", "show",
         "src")
    says(1, "", "lunik show: dev: no such folder; `lunik status dev` is about a machine of that "
      .. "name\n", "show", "dev")
    says(1, "", "lunik show: none/x: no such file\n", "show", "none/x")
    os.remove(place .. "/machine.sha256")
    says(1, "", "lunik show: HERE/dev.saved: machine.sha256 is missing\n", "show", "dev.saved")
    says(1, "", "lunik check: HERE/dev.saved: machine.sha256 is missing\n", "check", "dev.saved")
  end)

  it("cannot say anything to a terminal but text", function()
    local path = place .. "/machine.json"
    local value = core.json.decode(scratch.read(path))
    value.name, value.recipe.file = "dev\27[2J", "/x\27]0;owned\7"
    local text = core.json.encode(value)
    scratch.write(path, text)
    scratch.write(place .. "/machine.sha256", core.copy.sha256(text) .. "  machine.json\n")
    for _, verb in ipairs { "show", "check" } do
      local _, out, errors = here:lunik(verb, "dev.saved")
      assert.is_nil((out .. errors):find "[\27\7]")
    end
  end)
end)
