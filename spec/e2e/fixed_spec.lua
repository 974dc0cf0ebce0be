-- The devices of a machine's start that stay to its end: they are shown, and nobody can take them.
local house = require "support.house"
local scratch = require "support.scratch"

describe("a device of a machine's start that is in no port", function()
  local home

  setup(function()
    home = house.new()
    for _, name in ipairs { "root", "more" } do
      scratch.write(("%s/%s.raw"):format(home.dir, name), ("\0"):rep(1 << 20))
    end
    home:does("up", home:recipe("dev", [[return machine { name = "dev", accel = "tcg",
      memory = "128M", hotplug { ports = 1 }, disk { file = "root.raw" }, nic {}, balloon {},
      qemu.device { "virtio-rng-pci" }, qemu.device { "virtio-rng-pci", id = "chance" } }]]))
  end)
  teardown(function() home:close() end)

  local FIXED = { { family = "disk", id = "root", label = "root", state = "fixed" },
    { family = "nic", id = "net0", label = "net0", state = "fixed" },
    { family = "balloon", id = "balloon", label = "balloon", state = "fixed" },
    { family = "device", label = "virtio-rng-pci", state = "fixed" },
    { family = "device", id = "chance", label = "chance", state = "fixed" } }

  it("is shown with the others", function()
    assert.same(FIXED, home:json("status", "dev", "--json").devices)
    assert.matches("\n  devices     root (disk), fixed\n" .. (" "):rep(14) .. "net0 (nic), fixed\n"
      .. (" "):rep(14) .. "balloon (balloon), fixed\n" .. (" "):rep(14)
      .. "virtio-rng-pci (device), fixed\n" .. (" "):rep(14) .. "chance (device), fixed\n",
      home:does("status", "dev"), 1, true)
    local slots = home:json("slots", "dev", "--json").slots
    assert.equal("free", slots[1].state)
    for i, one in ipairs(FIXED) do
      local shown = slots[i + 1]
      assert.same({ one.family, one.id, one.label, "fixed", true },
                  { shown.family, shown.id, shown.label, shown.state, shown.boot })
    end
    assert.equal("PORT      STATE  WHAT     NAME            ID\n"
      .. "hotplug0  free   -        -               -\n"
      .. "-         fixed  disk     root            root\n"
      .. "-         fixed  nic      net0            net0\n"
      .. "-         fixed  balloon  balloon         balloon\n"
      .. "-         fixed  device   virtio-rng-pci  -\n"
      .. "-         fixed  device   chance          chance\n", (home:does("slots", "dev")))
  end)

  it("cannot be unplugged, and its name is taken", function()
    assert.same({ 1, "", "lunik unplug: 'root' (disk) is of the machine's start and in no port: it "
      .. "stays as long as the machine runs\n" }, { home:lunik("unplug", "dev", "root") })
    assert.same({ 1, "", "lunik plug: disk: 'root' is taken by the disk of the machine's start: "
      .. "id = NAME gives this one another\n" },
      { home:lunik("plug", "dev", "disk", "id=root", "file=" .. home.dir .. "/more.raw") })
  end)

  it("is shown once another supervisor has adopted the machine", function()
    require "posix.signal".kill(home:json("status", "dev", "--json").supervisor.pid, 9)
    home:does("adopt", "dev")
    assert.same(FIXED, home:json("status", "dev", "--json").devices)
  end)
end)
