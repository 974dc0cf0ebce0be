-- `lunik apply` where there is no room for all that is to come: it is refused before anything is
-- done. No guest has to come up for that.
local house = require "support.house"
local scratch = require "support.scratch"

describe("a running machine that has no room for what its recipe says", function()
  local home
  setup(function() home = house.new() end)
  before_each(function()
    for i = 1, 3 do scratch.write(("%s/d%d.raw"):format(home.dir, i), ("\0"):rep(1 << 20)) end
  end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function recipe(memory, text)
    return home:recipe("dev", ([[return machine { name = "dev", accel = "tcg", memory = %q,
      hotplug { ports = 2, memory = "1G" }, %s }]]):format(memory, text))
  end

  local function prints(...)
    local status, out, errors = home:lunik(...)
    return { status, (out:gsub(home.dir, "HOME")), (errors:gsub(home.dir, "HOME")) }
  end

  it("is told which device finds no port, and nothing is changed", function()
    home:does("up", recipe("128M", ""))
    recipe("128M", [[disk { file = "d1.raw" }, disk { file = "d2.raw" }, disk { file = "d3.raw" }]])
    local why = "+ disk d3: file: HOME/d3.raw (disk: 2 of 2 ports in use: d1 (disk), d2 (disk); "
                .. "set hotplug.ports = 8 and restart)"
    assert.same({ 0, "is done while it runs:\n  + disk d1: file: HOME/d1.raw\n"
      .. "  + disk d2: file: HOME/d2.raw\nis refused:\n  " .. why .. "\n", "" },
      prints("apply", "--dry-run", "dev"))
    assert.same({ 1, "", "lunik apply: " .. why .. "; nothing is changed\n" },
                prints("apply", "dev"))
    for _, slot in ipairs(home:json("slots", "dev", "--json").slots) do
      if slot.port then assert.equal("free", slot.state) end
    end
    recipe("128M", [[disk { file = "d1.raw" }, disk { file = "d3.raw" }]])
    home:does("apply", "dev")
  end)

  it("has CPUs and memory at once, where there is room for both", function()
    local path = recipe("128M", "")
    local text = scratch.read(path)
    scratch.write(path, (text:gsub('memory = "1G"', "%0, cpus = 2")))
    home:does("up", path)
    scratch.write(path, (text:gsub('memory = "1G"', "%0, cpus = 2")
                             :gsub('"128M"', '"256M", cpus = 2')))
    assert.same({ 0, "done:\n  ~ cpus: 1 -> 2\n  ~ memory: 128M -> 256M\n" },
                { table.unpack(prints("apply", "dev"), 1, 2) })
  end)

  it("is told how much memory is too much, of all that is to come together", function()
    home:does("up", recipe("128M", ""))
    recipe("640M", [[memory { size = "128M" }, memory { size = "256M" }]])
    assert.same({ 0, "is done while it runs:\n  ~ memory: 128M -> 640M\n"
      .. "  + memory mem-1: size: 128M\n  + memory mem-2: size: 256M\n", "" },
      prints("apply", "--dry-run", "dev"))
    home:does("plug", "dev", "memory", "size=256M", "id=by-hand")
    assert.same({ 0, "is done while it runs:\n  + memory mem-1: size: 128M\n"
      .. "  + memory mem-2: size: 256M\nis refused:\n  ~ memory: 128M -> 640M (512M more than "
      .. "768M is beyond the 1G that the machine may grow to: hotplug { memory = \"1280M\" } makes "
      .. "room for it)\n", "" }, prints("apply", "--dry-run", "dev"))
    assert.equal(1, prints("apply", "dev")[1])
  end)
end)
