-- The lock beside a recipe: read as if anybody had written it, and what does not fit it.
local diff = require "lunik.plan.lock.diff"
local fakehost = require "support.fakehost"
local file = require "lunik.plan.lock.file"
local lunik = require "lunik"

local function lock()
  return { qemu = "7.2.22", arch = "x86_64", board = { asked = "q35", type = "pc-q35-7.2" },
    cpus = { tcg = { asked = "max", model = "base", properties = { aes = true, level = 13 } } },
    devices = { disk = { slot = 2, ["function"] = 0 }, net0 = { slot = 3, ["function"] = 0 },
                ["edu#1"] = { slot = 4 }, far = {} } }
end

local RECIPE = [[
return machine { name = "dev", accel = "tcg", disk { file = "disk.raw", format = "raw" }, nic {},
  qemu.device { "edu" } }
]]

local function plan(recipe, text, options)
  local host = fakehost.new { files = { ["/r/vm.lua"] = recipe,
                                        ["/r/vm.lock"] = text or file.encode(lock()) } }
  local all = { host = host, anyway = true }
  for name, value in pairs(options or {}) do all[name] = value end
  return lunik.plan("/r/vm.lua", all)
end

local function command(...)
  local made, problems = plan(...)
  return table.concat(assert(made, made or lunik.text(problems)):command("paste"), " "), made
end

local function edited(from, to)
  local at, stop = RECIPE:find(from, 1, true)
  assert(at, from)
  return RECIPE:sub(1, at - 1) .. to .. RECIPE:sub(stop + 1)
end

describe("the lock of a recipe", function()
  it("is written with a line for each fact, and read back", function()
    local text = file.encode(lock())
    assert.same(lock(), file.decode(text))
    assert.truthy(text:find '\n        "aes": true,\n        "level": 13\n')
    assert.equal(text, file.encode(file.decode(text)))
  end)

  it("has the plan be what it says", function()
    local argv, made = command(RECIPE)
    assert.same({}, made.lacks)
    for _, words in ipairs { "-machine pc-q35-7.2 ", "-cpu base,aes=on,enforce=on,level=13 ",
        "virtio-blk-pci,id=disk,addr=0x2,drive=disk ", "edu,addr=0x4" } do
      assert.truthy(argv:find(words, 1, true), words)
    end
  end)

  it("is no part of what is planned without it", function()
    local argv = command(RECIPE, nil, { lock = false })
    assert.truthy(argv:find("-machine q35 ", 1, true))
    assert.truthy(argv:find("-cpu max ", 1, true))
    assert.is_nil(argv:find("addr=", 1, true))
  end)

  it("has no say in what goes on from a saved machine, which is what it was", function()
    local argv, made = command(edited('"dev"', '"dev", cpu = "qemu64"'), nil, { saved = {
      dir = "/r/dev.saved", copies = {}, came = {}, needs = {},
      hardware = { type = "pc-q35-6.2", asked = "q35",
        cpu = { model = "base", asked = "max", properties = { avx = true } },
        devices = { { id = "disk", slot = 9, ["function"] = 0 }, { slot = 8 },
                    { id = "net0", bus = "boot0", slot = 0 } } } } })
    assert.same({}, made.lacks)
    for _, words in ipairs { "-machine pc-q35-6.2 ", "-cpu base,avx=on,enforce=on ",
        "virtio-blk-pci,id=disk,addr=0x9,", "virtio-net-pci,id=net0,mac=", "edu -" } do
      assert.truthy((argv .. " -"):find(words, 1, true), words)
    end
  end)

  it("says where its words come from", function()
    local _, made = command(RECIPE)
    local told = {}
    for _, one in ipairs(require "lunik.plan.explain".of(made)) do
      for _, key in ipairs(one.keys) do
        if key.from and key.from:find "lock" then told[#told + 1] = key.key end
      end
    end
    assert.same({ "type", "addr" }, { told[1], told[#told] })
  end)

  it("leaves a device its own place", function()
    local argv = command(edited('{ "edu" }', '{ "edu", addr = "9" }'))
    assert.truthy(argv:find("edu,addr=9", 1, true))
  end)

  -- What does not fit, and how it is told; the machine does not start.
  local TAIL = ": lunik lock makes it fit, --diff shows what that changes"
  for what, case in pairs {
    ["another board"] = { edited('"dev"', '"dev", type = "pc"'),
      "it pins type q35, and the recipe says pc" },
    ["another CPU"] = { edited('"dev"', '"dev", cpu = "qemu64"'),
      "it pins cpu max, and the recipe says qemu64" },
    ["another accelerator"] = { edited('"tcg"', '"kvm"'), "it has no CPU for kvm" },
    ["another architecture"] = { edited('"dev"', '"dev", arch = "i386"'),
      "it is of a machine of x86_64, and the recipe makes one of i386" },
    ["a device that it does not know"] = { edited("nic {},", "nic {}, qemu.device { 'edu' },"),
      "it has no place for edu#2" },
  } do
    it("does not fit " .. what, function()
      local made = assert(plan(case[1]))
      assert.truthy(made.lacks[1].why:find(case[2] .. TAIL, 1, true), made.lacks[1].why)
      assert.equal("vm.lock", made.lacks[1].path)
      local started, problems = plan(case[1], nil, { anyway = false })
      assert.is_nil(started)
      assert.truthy(lunik.text(problems):find(case[2], 1, true))
    end)
  end

  it("does not mind a device that is gone", function()
    assert.same({}, plan(edited("nic {},", "")).lacks)
  end)

  -- A lock that somebody has edited, and what is said of it.
  local function wrong(change, text)
    local one = lock()
    local encoded = change(one) or file.encode(one)
    local made, problems = plan(RECIPE, encoded)
    assert.is_nil(made)
    assert.equal(("/r/vm.lua:1: /r/vm.lock: %s; lunik lock --new makes it anew"):format(text),
                 lunik.text(problems))
  end

  for text, change in pairs {
    ["cpus.tcg.model is not what it should be"] = function(one)
      one.cpus.tcg.model = "max,+vmx"
    end,
    ["cpus.tcg.properties.aes is not what it should be"] = function(one)
      one.cpus.tcg.properties.aes = "on,vmx=on"
    end,
    ["cpus.tcg.properties.x,y is not what it should be"] = function(one)
      one.cpus.tcg.properties["x,y"] = true
    end,
    ["board.type is not what it should be"] = function(one) one.board.type = "q35,dumpdtb=/x" end,
    ["devices.disk.slot is not what it should be"] = function(one) one.devices.disk.slot = 32 end,
    ["devices is not what it should be"] = function(one) one.devices = 3 end,
    ["arch is not what it should be"] = function(one) one.arch = nil end,
    ["has format 9, and this lunik reads format 1"] = function(one)
      return (file.encode(one):gsub('"format": 1', '"format": 9'))
    end,
    ["is no object"] = function() return "3" end,
  } do
    it("is refused where it is none: " .. text, function() wrong(change, text) end)
  end

  it("is refused where it is too large, or nested too deep", function()
    assert.is_nil((plan(RECIPE, ("["):rep(100000))))
    assert.is_nil((plan(RECIPE, '{"format":1,"devices":{' .. ('"a":{},'):rep(40000) .. '"b":{}}}')))
  end)
end)

describe("what differs between two locks", function()
  it("is told by what the guest sees", function()
    local one, other = lock(), lock()
    assert.same({}, diff(one, other))
    other.qemu, other.board.type = "10.0.2", "pc-q35-10.0"
    other.cpus.tcg.properties = { avx = true, level = 16 }
    other.cpus.kvm = { model = "host" }
    other.devices.disk, other.devices.net0 = { slot = 5 }, nil
    other.devices.more = {}
    local lines = {}
    for i, each in ipairs(diff(one, other)) do
      lines[i] = ("%s: %s -> %s"):format(each.what, each.before, each.after)
    end
    assert.same({ "QEMU: 7.2.22 -> 10.0.2", "machine: pc-q35-7.2 -> pc-q35-10.0",
      "cpu (kvm): nil -> host", "cpu (tcg) level: 13 -> 16", "cpu (tcg): aes -> nil",
      "cpu (tcg): nil -> avx", "device disk: 02.0 -> 05.0",
      "device more: nil -> no place of its own", "device net0: 03.0 -> nil" }, lines)
  end)
end)
