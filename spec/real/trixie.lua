-- Debian 13: what matters most, in few boots; what only its younger systemd can do.
local debian = require "real.debian"

describe("a real trixie", function()
  local guest
  before_each(function() guest = debian.new "trixie" end)
  after_each(function() guest:close() end)

  -- By UEFI with secure boot: told who it is by cloud-init, on a disk that has grown; its mounts
  -- are there again when it has booted anew.
  it("that nobody has seen is entered, and is who it was told to be", function()
    local home = guest.home
    local function says(script) return guest:says("stranger", script) end
    guest:up(guest:recipe("stranger", debian.GROWN, debian.PATIENT .. ([[
      ssh { user = "ada" }, firmware = { secure = true }, tpm {}, ready = "cloud-init",
      cloud_init { hostname = "stranger", run = { "echo ran >>/srv/ran" } },
      mount { from = %q, to = "/srv/boot" }, hotplug { ports = 2 }]]):format(guest:share "boot")))
    assert.equal("stranger\nran\n", says "hostname; cat /srv/ran")
    guest:is_trusted "stranger"
    guest:has_grown "stranger"
    assert.equal("ada\n", (home:does("ssh", "stranger", "id", "-un")))
    guest:unharmed "stranger"
    home:does("mount", "stranger", guest:share "hot", "--to", "/srv/hot")
    guest:reboot "stranger"
    for _, place in ipairs { "/srv/boot", "/srv/hot" } do
      assert.equal("of the host", says("sudo -n cat " .. place .. "/file"))
    end
    assert.equal("ran\n", says "cat /srv/ran")
    guest:down "stranger"
  end)

  it("does what credentials say before it is entered by ssh, without agent and seed", function()
    guest:up(guest:recipe("told", debian.THROWN_AWAY, debian.PATIENT .. [[
      ssh { user = "debian", key = guest .. "/id_ed25519" },
      credential { name = "tmpfiles.extra",
                   value = "f /srv/told 0640 root debian - of the host" }]]))
    assert.equal("of the host", (guest.home:does("ssh", "told", "cat", "/srv/told")))
    guest:unharmed "told"
    guest:down "told"
  end)
end)
