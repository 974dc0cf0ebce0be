-- Debian 12 prepared once, of which three machines are made, each another one: for its kernel, for
-- systemd, for who gives it its address, and for who comes by ssh.
local clones = require "support.clones"
local debian = require "real.debian"

-- What one machine alone has, a line each. Ids that programs go on with are asked of the programs.
local ASK = [[hostname; cat /etc/machine-id /sys/class/net/en*/address
  cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | od -An -tx1
  sed -n 's/^CLIENTID=//p' /run/systemd/netif/leases/*; cut -d' ' -f2 /etc/ssh/ssh_host_*_key.pub
]]

-- The template's are in /run/was; its kernel has just drawn a seed, and draws no other for seconds.
local PREPARE = "until grep -qs CLIENTID /run/systemd/netif/leases/*; do sleep 0.2; done\n("
                .. ASK .. ") >/run/was\n" .. clones.reseeding()

-- Until what takes its time, and comes once the machine is there, has come: by words of the shell,
-- since programs take a guest's time that is made another one.
local AWAIT = [[has() {
    while read -r line; do case $line in *"$1"*) return ;; esac; done
    return 1
  }
  key=$(tail -n 1 /run/was) client=$(tail -n 2 /run/was | head -n 1)
  while has "$key" </etc/ssh/ssh_host_ed25519_key.pub; do sleep 1; done
  lease=/run/systemd/netif/leases/2
  while has "$client" <$lease || ! has CLIENTID= <$lease; do sleep 1; done 2>/dev/null
]]

local JOURNAL = [[id=$(cat /etc/machine-id)
  systemd-cat echo "said by $id"; journalctl --sync; journalctl -q -o cat _MACHINE_ID=$id |
    grep -x "said by $id"]]

describe("a real bookworm", function()
  local guest, home
  before_each(function()
    guest = debian.new "bookworm"
    home = guest.home
  end)
  after_each(function() guest:close() end)

  -- It is set by a program, which takes as long to start as this one.
  local function has_the_time(name)
    local from, now, to = os.time(), tonumber(guest:says(name, "date +%s")), os.time()
    assert.is_true(from - 1 - 2 * (to - from) <= now and now <= to + 1,
                   ("%s: %d of %d to %d"):format(name, now, from, to))
  end

  local function differs(seen, text)
    local count = 0
    for line in text:gmatch "[^\n]+" do
      assert.falsy(seen[line], line .. "\n" .. text)
      seen[line], count = true, count + 1
    end
    assert.equal(7, count, text)
  end

  it("has clones that are other machines, for the journal, DHCP and ssh as well", function()
    local recipe = guest:recipe("forked", debian.THROWN_AWAY, ([[agent {},
      cpu = { "max", rdrand = false, rdseed = false },
      ssh { user = "debian", key = guest .. "/id_ed25519" },
      template { prepare = function(vm)
        local status, _, why = vm:exec { "sh", "-ec", %q }
        assert(status == 0, why)
      end }]]):format(PREPARE))
    local seen = {}
    for i = 1, 3 do
      local name = "forked-" .. i
      home:does("fork", recipe, "--as", name, "--host-keys")
      has_the_time(name)
      local text = guest:says(name, AWAIT .. ASK)
      assert.equal(name, text:match "[^\n]*")
      if i == 1 then differs(seen, guest:says(name, "cat /run/was")) end
      differs(seen, text)
      local id = text:match "\n(%x+)"
      assert.equal(("said by %s\n"):format(id), guest:says(name, JOURNAL))
      if i == 3 then assert.equal("debian\n", (home:does("ssh", name, "id", "-un"))) end
      home:does("down", "--force", name)
    end
  end)
end)
