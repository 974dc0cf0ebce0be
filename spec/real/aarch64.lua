-- A machine of another architecture on a real QEMU: the board has no firmware of its own, so that
-- it boots by UEFI without being told to, and a console and a TPM are of other kinds.
local house = require "support.house"

describe("a machine of aarch64", function()
  local home
  setup(function() home = house.new() end)
  teardown(function() home:close() end)

  it("boots by UEFI to its shell, which hears and is heard, and has a TPM", function()
    home:does("up", home:recipe("arm", [[return machine { name = "arm", arch = "aarch64",
      accel = "tcg", memory = "256M", tpm {}, ready = "console: UEFI Interactive Shell",
      ready_within = 1800 }]]))
    assert.matches("60%-edk2%-aarch64%.json", (home:does("plan", "arm.lua")))
    assert.matches("tpm%-tis", (home:does("qmp", "arm", "query-tpm")))
    local terminal = home:start({ terminal = true }, "console", "arm")
    terminal:expect("Shell>", 900)
    terminal:send "reset -s\r"
    assert.equal(0, (home:lunik("wait", "arm", "--timeout", "900s")))
  end)
end)
