-- A real guest that Debian's UEFI starts: with variables of its own, that live as long as its
-- disk, and with secure boot where that is asked for, and a TPM that was told of it.
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local TEMPLATE = "/usr/share/OVMF/OVMF_VARS_4M.fd"

describe("firmware", function()
  local home
  setup(function()
    home = house.new()
    scratch.write(home.dir .. "/base.raw", ("\0"):rep(1 << 20))
  end)
  after_each(function()
    home:lunik("down", "--force", "g")
    home:clear()
  end)
  teardown(function() home:close() end)

  -- The small guest by the kernel that UEFI can check: Debian has signed it.
  local function recipe(items)
    return home:recipe("g", ([[
      local guest = %q
      return machine { name = "g", accel = "tcg", cpus = 1, memory = "512M", type = "q35",
        kernel = guest .. "/vmlinuz", initrd = guest .. "/initramfs.img", append = %q,
        agent {}, %s }]]):format(house.guest, house.append, items))
  end

  local function guest(script)
    return (home:does("exec", "g", "--", "sh", "-c", script))
  end

  local function variables()
    local found = {}
    for _, name in ipairs(scratch.list(home.dir .. "/state/lunik/g")) do
      if name:find "^vars" then found[#found + 1] = name end
    end
    return found
  end

  it("keeps its variables with the machine", function()
    home:does("up", recipe [[firmware = "uefi"]])
    assert.matches("Secure boot disabled", guest "dmesg", 1, true)
    home:does("down", "--force", "g")
    assert.equal(1, #variables())
    local path = home.dir .. "/state/lunik/g/" .. variables()[1]
    local info = stat.stat(path)
    assert.equal("600", ("%o"):format(info.st_mode & 511))
    -- the firmware has written down what it found, and goes on from there
    assert.not_equal(scratch.read(TEMPLATE), scratch.read(path))
    local _, errors = home:does("up", recipe [[ready = "qmp", firmware = "uefi"]])
    assert.not_matches("made ", errors, 1, true)
    assert.equal(info.st_ino, stat.stat(path).st_ino)
    assert.not_equal(scratch.read(TEMPLATE), scratch.read(path))
  end)

  it("is what Debian's descriptors say, and the user's own that go before them", function()
    local function chosen(items)
      local text = home:does("plan", recipe(items))
      return text:match "firmware: UEFI, by (%S+)" or text:match "machine.firmware: ([^\n]*)"
    end
    assert.equal("60-edk2-x86_64.json", chosen [[firmware = "uefi"]])
    assert.equal("40-edk2-x86_64-secure-enrolled.json", chosen [[firmware = { secure = true }]])
    local place = home.dir
    for _, name in ipairs { ".config", "qemu", "firmware" } do
      place = place .. "/" .. name
      stat.mkdir(place, 448)
    end
    scratch.write(place .. "/60-edk2-x86_64.json", "")
    assert.matches("^no UEFI firmware for x86_64 with the machine type 'q35': 40%-edk2",
                   chosen [[firmware = "uefi"]])
    local text = scratch.read "/usr/share/qemu/firmware/60-edk2-x86_64.json"
    scratch.write(place .. "/10-mine.json", text)
    assert.equal("10-mine.json", chosen [[firmware = "uefi"]])
    scratch.remove(home.dir .. "/.config")
  end)

  it("with secure boot starts what is signed, and tells the TPM", function()
    home:does("up", recipe [[firmware = { secure = true }, tpm {}]])
    assert.matches("Secure boot enabled", guest "dmesg", 1, true)
    local measured = guest "cat /sys/class/tpm/tpm0/pcr-sha256/7"
    assert.matches("^%x+\n$", measured)
    assert.not_matches("^0+\n$", measured)
  end)

  it("throws its variables away with the disk", function()
    local one = recipe [[ready = "qmp", firmware = "uefi",
      disk { file = "base.raw", overlay = true }]]
    home:does("up", one)
    assert.equal(1, #variables())
    home:does("down", "--force", "g")
    assert.same({}, variables())
  end)

  it("has other variables with another code, and never mixes them", function()
    home:does("up", recipe [[ready = "qmp", firmware = "uefi"]])
    home:does("down", "--force", "g")
    local plain = variables()
    home:does("up", recipe [[ready = "qmp", firmware = { secure = true }]])
    home:does("down", "--force", "g")
    assert.equal(2, #variables())
    home:does("up", recipe [[ready = "qmp", firmware = "uefi"]])
    assert.matches(plain[1], home:does("qmp", "g", "query-named-block-nodes"), 1, true)
  end)

  it("keeps its variables where the recipe wants them, for good", function()
    local one = recipe [[ready = "qmp", firmware = { store = "mine.fd" }]]
    home:does("up", one)
    home:does("down", "--force", "g")
    assert.same({}, variables())
    home:does("rm", "--all", "g")
    assert.equal(540672, stat.stat(home.dir .. "/mine.fd").st_size)
    -- of another firmware's they are refused before anything starts
    scratch.write(home.dir .. "/mine.fd", ("\0"):rep(131072))
    local code, _, errors = home:lunik("up", one)
    assert.equal(1, code)
    assert.matches("machine.firmware: store: ", errors, 1, true)
  end)
end)

describe("firmware's log", function()
  local home
  setup(function() home = house.new() end)
  teardown(function() home:close() end)

  it("is what SeaBIOS says on its port", function()
    home:does("up", home:recipe("b", [[return machine { name = "b", accel = "tcg", type = "q35",
      memory = "64M", ready = "qmp", firmware = { kind = "bios", log = true } }]]))
    home:start({}, "logs", "-f", "-n", "100", "--source", "helpers", "b"):expect("SeaBIOS", 60)
    home:does("down", "--force", "b")
  end)
end)
