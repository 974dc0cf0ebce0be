-- What a guest keeps beside its disks is saved with it: its firmware's variables, its TPM's state.
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local TEMPLATE = "/usr/share/OVMF/OVMF_VARS_4M.fd"

describe("a saved machine with UEFI and a TPM", function()
  local home, state
  setup(function()
    home = house.new()
    state = home.dir .. "/state/lunik/g"
  end)
  after_each(function()
    home:lunik("down", "--force", "g")
    home:clear()
    if stat.lstat(home.dir .. "/g.saved") then scratch.remove(home.dir .. "/g.saved") end
  end)
  teardown(function() home:close() end)

  local function begin()
    home:does("up", home:recipe("g", ([[
      local guest = %q
      return machine { name = "g", accel = "tcg", cpus = 1, memory = "512M", type = "q35",
        kernel = guest .. "/vmlinuz", initrd = guest .. "/initramfs.img", append = %q,
        ready_within = 300, agent {}, firmware = "uefi", tpm {} }]]):format(house.guest,
        house.append)))
    home:does("exec", "g", "--", "sh", "-c", "echo nonce-4711 >/run/nonce")
  end

  local function variables()
    for _, name in ipairs(scratch.list(state)) do
      if name:find "^vars.*%.fd$" then return state .. "/" .. name end
    end
  end
  -- The seeds of a TPM are in its state, and no other has them.
  local function seeds() return scratch.read(state .. "/tpm/tpm2-00.permall"):sub(200, 700) end
  local function nonce() return (home:does("exec", "g", "--", "cat", "/run/nonce")) end

  it("has them again, whatever has become of its state directory", function()
    begin()
    local before, path = seeds(), variables()
    home:does("save", "g", "g.saved")
    local kept = scratch.read(path)
    assert.is_false(kept == scratch.read(TEMPLATE))
    scratch.remove(state)
    stat.mkdir(state, 448)
    -- one that is thrown away at its end touches neither
    scratch.write(path, "nobody's")
    home:does("restore", "--again", "g.saved")
    assert.equal("nonce-4711\n", nonce())
    home:does("down", "--force", "g")
    assert.equal("nobody's", scratch.read(path))
    assert.falsy(stat.lstat(state .. "/tpm"))
    os.remove(path)
    home:does("restore", "g.saved")
    assert.equal("nonce-4711\n", nonce())
    assert.equal(before, seeds())
    assert.is_true(kept == scratch.read(path), "the variables are others")
    home:does("down", "--force", "g")
    assert.equal(before, seeds())
  end)
end)
