-- How a saved machine is planned: as it was started, whatever its recipe says by now.
local fakehost = require "support.fakehost"
local lunik = require "lunik"

local RECIPE = [[
return machine { name = "dev", accel = "tcg", cpus = 3, memory = "640M", agent {},
  hotplug { ports = 1, memory = "2G", cpus = 4 },
  disk { file = "own.raw", format = "raw" }, disk { file = "extra.raw", format = "raw" },
  mount { from = "src", to = "/work" } }
]]

describe("a saved machine to which its recipe was applied", function()
  local function command(saved)
    local host = fakehost.new { files = { ["/r/vm.lua"] = RECIPE, ["/r/own.raw"] = "",
                                          ["/r/extra.raw"] = "" } }
    local made, problems = lunik.plan("/r/vm.lua", { host = host, anyway = true, saved = saved })
    assert(made, made or lunik.text(problems))
    return table.concat(made:command("paste"), " "), made
  end

  local function saved(needs)
    local cpu = { model = "base", asked = "max", properties = { avx = true } }
    return { dir = "/r/dev.saved", copies = {}, came = { ["disk extra"] = true }, needs = needs,
      hardware = { type = "pc-q35-7.2", asked = "q35", cpu = cpu, memory = 512 << 20, devices = {},
        cpus = { {}, {}, { id = "cpu-p1" } }, modules = { { id = "mem-to-640M" } } } }
  end

  local NEEDS = { shared_memory = true, grow_memory = 2 << 30, grow_cpus = 4, ports = 2,
                  free_ports = 1, virtio_serial = true }

  local function has(text, ...)
    for _, words in ipairs { ... } do assert.truthy(text:find(words, 1, true), words) end
  end

  it("has the memory, the CPUs and the ports of its start, and what came later comes later",
     function()
    local text, made = command(saved(NEEDS))
    has(text, "-smp 2,maxcpus=4", "-m 512M,maxmem=2G", "id=mem,share=on,size=512M", "id=own,",
        "id=boot0,", "id=boot1,", "id=hotplug0,")
    for _, words in ipairs { "id=boot2,", "id=hotplug1,", "id=extra" } do
      assert.falsy(text:find(words, 1, true), words)
    end
    -- the recipe is what it was read as
    assert.equal(512 << 20, made.memory)
    local _, machine = lunik.plan("/r/vm.lua", { host = fakehost.new {
      files = { ["/r/vm.lua"] = RECIPE } }, anyway = true, saved = saved(NEEDS) })
    assert.same({ 640 << 20, 3 }, { machine.memory, machine.cpus })
  end)

  it("is not asked for more than a machine can have, by whoever wrote what is saved", function()
    for _, ports in ipairs { 1 << 40, 1 << 62 } do
      local needs = { ports = ports, free_ports = ports }
      for name, much in pairs(NEEDS) do needs[name] = needs[name] or much end
      local text = command(saved(needs))
      has(text, "id=boot0,")
      assert.falsy(text:find("id=boot1,", 1, true), tostring(ports))
    end
  end)
end)
