-- A guest sees the same hardware with a lock beside its recipe as it saw before, whatever is added.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"

local ITEMS = 'agent {}, nic {}, qemu.device { "edu" }'

-- What the guest's kernel has found: its CPU, and every PCI device at its place.
local LOOK = { "sh", "-c", [[
  grep -E '^(model|vendor|cpu family|stepping|flags|address sizes|bugs)' /proc/cpuinfo
  for d in /sys/bus/pci/devices/*; do echo ${d##*/} $(cat $d/vendor $d/device); done]] }

describe("a guest whose hardware is pinned", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function seen()
    home:does("up", home.dir .. "/m.lua")
    local text = home:does("exec", "m", "--", table.unpack(LOOK))
    home:does("down", "--force", "m")
    assert.truthy(text:find "\nflags%s*: .*rdrand")
    assert.truthy(text:find "0x1234")
    return text
  end

  local function without(text, line) return (text:gsub("[^\n]*" .. line .. "[^\n]*\n", "")) end

  it("sees what it saw without, though a device has come before the others", function()
    home:small("m", ITEMS)
    local before = seen()
    home:does("lock", home.dir .. "/m.lua")
    assert.equal(before, seen())
    assert.truthy(home:does("argv", home.dir .. "/m.lua"):find "\nbase,3dnow=on")
    home:small("m", 'qemu.device { "virtio-rng-pci" }, ' .. ITEMS)
    assert.equal(1, (home:lunik("up", home.dir .. "/m.lua")))
    home:does("lock", home.dir .. "/m.lua")
    local lock = core.json.decode(scratch.read(home.dir .. "/m.lock"))
    local rng = ("0000:00:%02x.0"):format(lock.devices["virtio-rng-pci#1"].slot)
    assert.equal(before, without(seen(), rng))
  end)

  it("has every leaf of CPUID as it was without, in a fresh boot #long", function()
    local program = home.dir .. "/cpuid"
    assert(os.execute("cc -static -O1 -o " .. program .. " spec/support/cpuid.c"))
    local recipe = home:small("m", "cpus = 1, agent {}")
    local function leaves()
      home:does("up", recipe)
      home:does("cp", program, "m:/run/cpuid")
      local text = home:does("exec", "m", "--", "sh", "-c",
                             "cp /run/cpuid /cpuid; chmod +x /cpuid; exec /cpuid")
      home:does("down", "--force", "m")
      return text
    end
    local before = leaves()
    assert.is_true(select(2, before:gsub("\n", "")) > 200)
    home:does("lock", recipe)
    assert.truthy(home:does("argv", recipe):find "\nbase,3dnow=on")
    assert.equal(before, leaves())
  end)
end)
