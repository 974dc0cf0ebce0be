-- `lunik lock`: what a real QEMU has made of a recipe is pinned beside it, and comes out equal.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"

local RECIPE = [[
return machine { name = "dev", accel = "tcg", memory = "256M", hotplug { ports = 2 },
  disk { file = "system.raw", format = "raw" }, nic {}, mount { from = "src", to = "/work" },
  qemu.device { "edu" }, agent {}, tpm {} }
]]

describe("lunik lock", function()
  local here
  setup(function()
    here = house.new()
    for _, name in ipairs { "system", "more" } do
      scratch.write(here.dir .. "/" .. name .. ".raw", ("\0"):rep(1 << 20))
    end
    require "posix.sys.stat".mkdir(here.dir .. "/src", 448)
  end)
  teardown(function() here:close() end)
  before_each(function()
    os.remove(here.dir .. "/vm.lock")
    here:recipe("vm", RECIPE)
  end)

  local function says(code, out, errors, ...)
    local status, text, complaints = here:lunik(...)
    local dir = here.dir:gsub("%p", "%%%0")
    text, complaints = text:gsub(dir, "HERE"), complaints:gsub(dir, "HERE")
    text = text:gsub("QEMU %d[%d.]*", "QEMU VERSION"):gsub("pc%-q35%-%d+%.%d+", "TYPE")
    assert.same({ code, out, errors }, { status, text, complaints })
  end

  local FIRST = "vm.lock: TYPE of QEMU VERSION, %d devices at their places\n"

  local function argv() return (select(2, here:lunik("argv"))) end

  it("pins the board, the CPU, and where devices are, from then on", function()
    local before = argv()
    assert.truthy(before:find "\nq35,")
    assert.truthy(before:find "\nmax\n")
    says(0, FIRST:format(4), "", "lock")
    local after = argv()
    assert.truthy(after:find "\npc%-q35%-%d+%.%d+,memory%-backend=mem\n")
    assert.truthy(after:find "\nbase,3dnow=on,")
    assert.truthy(after:find "\nedu,addr=0x%x+\n")
    assert.truthy(after:find "\nvirtio%-blk%-pci,id=system,addr=0x%x+,drive=system\n")
    says(0, FIRST:format(4), "", "lock")
    says(0, "nothing would be otherwise\n", "", "lock", "--diff")
    assert.equal(after, argv())
  end)

  it("keeps what is pinned when a recipe gets more, and says what came", function()
    here:does "lock"
    local before = core.json.decode(scratch.read(here.dir .. "/vm.lock"))
    here:recipe("vm", (RECIPE:gsub("disk {", 'disk { file = "more.raw", format = "raw" }, disk {',
                                   1)))
    says(1, "", "lunik check: vm.lua:2: vm.lock: it has no place for more: lunik lock makes it "
      .. "fit, --diff shows what that changes\n", "check")
    local _, text = here:lunik("lock")
    assert.truthy(text:find "\n  %+ device more: %x%x%.0\n$")
    local after = core.json.decode(scratch.read(here.dir .. "/vm.lock"))
    for name, place in pairs(before.devices) do assert.same(place, after.devices[name]) end
    assert.equal(0, (here:lunik "check"))
    local _, changes = here:lunik("lock", "--diff")
    assert.truthy(changes:find "~ device system: %x%x%.0 %-> %x%x%.0\n")
  end)

  it("--diff says what an edited recipe would change for the guest, and changes nothing", function()
    here:does "lock"
    local before = scratch.read(here.dir .. "/vm.lock")
    here:recipe("vm", (RECIPE:gsub('"256M"', '"256M", cpu = { "max", "-rdrand" }')))
    says(0, "- cpu (tcg): rdrand\n", "", "lock", "--diff")
    assert.equal(before, scratch.read(here.dir .. "/vm.lock"))
    says(1, "", "lunik check: vm.lua:1: vm.lock: it pins cpu max, and the recipe says max,-rdrand: "
      .. "lunik lock makes it fit, --diff shows what that changes\n", "check")
    says(0, FIRST:format(4) .. "  - cpu (tcg): rdrand\n", "", "lock")
    assert.equal(0, (here:lunik "check"))
  end)

  it("--diff says what another QEMU makes of it", function()
    here:does "lock"
    local path = here.dir .. "/vm.lock"
    local text = scratch.read(path)
    text = text:gsub('("qemu": ")[^"]*', "%16.2.0"):gsub("pc%-q35%-%d+%.%d+", "pc-q35-6.2")
    scratch.write(path, text)
    local _, changes = here:lunik("lock", "--diff")
    assert.truthy(changes:find "^~ QEMU: 6.2.0 %-> %d[%d.]*\n~ machine: pc%-q35%-6%.2 %-> pc")
    -- and the older machine is kept, whatever QEMU runs it
    here:does "lock"
    assert.truthy(argv():find("\npc-q35-6.2,", 1, true))
    here:does("lock", "--new")
    assert.is_nil(argv():find("pc-q35-6.2", 1, true))
  end)

  it("is said to programs", function()
    local _, text = here:lunik("lock", "--json", "--diff")
    local found = core.json.decode(text)
    assert.same({ 1, here.dir .. "/vm.lock", false, {} },
      { found.lunik, found.path, found.written, found.changes })
    says(0, "vm.lock: there is none; lunik lock makes it\n", "", "lock", "--diff")
    here:does "lock"
    here:recipe("vm", (RECIPE:gsub("nic {},", "")))
    _, text = here:lunik("lock", "--json")
    found = core.json.decode(text)
    assert.same({ true, "device net0", nil },
      { found.written, found.changes[1].what, found.changes[1].after })
  end)

  it("says why it cannot", function()
    here:recipe("vm", (RECIPE:gsub("agent {}", 'raw { "-no-hpet" }')))
    local status, _, errors = here:lunik "lock"
    assert.equal(1, status)
    assert.truthy(errors:find("is not known: it has no trial", 1, true))
    here:recipe("vm", (RECIPE:gsub('"edu"', '"edu", nonsense = 1')))
    status, _, errors = here:lunik "lock"
    assert.equal(1, status)
    assert.truthy(errors:find("nonsense", 1, true))
    scratch.write(here.dir .. "/vm.lock", "{}")
    here:recipe("vm", RECIPE)
    says(1, "", "lunik lock: HERE/vm.lock: has format nil, and this lunik reads format 1; "
      .. "lunik lock --new makes it anew\n", "lock")
    says(0, FIRST:format(4), "", "lock", "--new")
  end)

  it("pins what it can of a CPU that only its name says", function()
    here:recipe("vm", (RECIPE:gsub('"256M"', '"256M", cpu = { "EPYC", check = false }')))
    says(0, FIRST:format(4) .. "  the CPU is as it is asked for: a CPU with caches of its own can "
      .. "only be had as 'EPYC'\n", "", "lock")
    assert.truthy(argv():find("\nEPYC,check=off\n", 1, true))
  end)
end)
