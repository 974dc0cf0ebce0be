-- Debian 13: what matters most, in few boots; what only its younger systemd can do.
local debian = require "real.debian"

describe("a real trixie", function()
  local guest
  before_each(function() guest = debian.new "trixie" end)
  after_each(function() guest:close() end)

  it("that nobody has seen is entered, and is who it was told to be", function()
    guest:stranger "stranger"
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
