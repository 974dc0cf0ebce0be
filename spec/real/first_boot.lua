-- Debian 12 with seeds of cloud-init: who a guest is, and how long it is that.
local debian = require "real.debian"
local scratch = require "support.scratch"

describe("a real bookworm", function()
  local guest, home
  before_each(function()
    guest = debian.new "bookworm"
    home = guest.home
  end)
  after_each(function() guest:close() end)

  -- What is the guest's own, and changes only with its disk.
  local function identity(name)
    return guest:says(name, "sudo -n cat /etc/ssh/ssh_host_ed25519_key.pub /srv/first "
      .. "/var/lib/cloud/data/instance-id; ls /var/lib/cloud/instances")
  end

  it("has one life over its starts: keys, instance, provisioning, mounts by sudo", function()
    local path = guest:recipe("life", debian.kept("life", "5G"), debian.PATIENT .. ([[
      ssh { user = "debian" }, cloud_init { run = { "date +%%N >>/srv/first" } },
      ready = "cloud-init", mount { from = %q, to = "/srv/boot" }, hotplug { ports = 2 },
      provision { "date +%%N >>/srv/first" }]]):format(guest:share "boot"))
    guest:up(path)
    guest:has_grown "life"
    local first, keys = identity "life", scratch.read(home.dir .. "/state/lunik/life/known_hosts")
    assert.equal("debian\n", (home:does("ssh", "life", "id", "-un")))
    home:does("mount", "life", guest:share "hot", "--to", "/srv/hot")
    for _, place in ipairs { "/srv/boot", "/srv/hot" } do
      assert.equal("of the host", guest:says("life", "sudo -n cat " .. place .. "/file"))
    end
    home:does("unmount", "life", "/srv/hot")
    assert.is_nil(guest:says("life", "cat /proc/mounts"):find("/srv/hot", 1, true))
    guest:unharmed "life"
    guest:down "life"

    guest:up(path)
    assert.equal(first, identity "life")
    assert.equal(keys, scratch.read(home.dir .. "/state/lunik/life/known_hosts"))
    assert.equal("of the host", guest:says("life", "sudo -n cat /srv/boot/file"))
    guest:unharmed "life"
    guest:down "life"
  end)

  it("is another at each start where its disk is thrown away, and is entered at once", function()
    local path = guest:recipe("new", debian.THROWN_AWAY, 'ssh { user = "debian" }, cloud_init {}')
    local known = {}
    for i = 1, 2 do
      guest:up(path)
      known[i] = home:does("ssh", "new", "sudo", "-n", "cat", "/etc/ssh/ssh_host_ed25519_key.pub",
                           "/var/lib/cloud/data/instance-id")
      home:does("down", "--force", "new")
    end
    assert.are_not.equal(known[1], known[2])
    for what in known[1]:gmatch "[^\n]+" do assert.is_nil(known[2]:find(what, 1, true)) end
  end)
end)
