-- Debian 12 with secure boot and a TPM, put away and taken up again: what tells that from a boot,
-- and what a guest keeps outside of its disks.
local debian = require "real.debian"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a real bookworm", function()
  local guest, home
  before_each(function()
    guest = debian.new "bookworm"
    home = guest.home
  end)
  after_each(function() guest:close() end)

  local function says(text) return guest:says("kept", text) end

  local function slots()
    local found = {}
    for _, slot in ipairs(home:json("slots", "--json", "kept").slots) do
      if slot.id then found[slot.id] = slot.port or "none" end
    end
    return found
  end

  -- What of the machine is in no memory of the guest's: its board, its firmware's variables, and a
  -- TPM that has heard something since it was started.
  local OUTSIDE = [[set -e
    ls /sys/bus/pci/devices; nproc; free -b | awk '/Mem/ { print $2 }'
    sha256sum /sys/firmware/efi/efivars/*; tpm2_pcrread sha256:7,16; tpm2_readclock | grep count]]

  -- What others stand on, too.
  local function image()
    local found = stat.stat(guest.guest .. "/disk.qcow2")
    return { found.st_ino, found.st_size, found.st_mtime }
  end

  local function goes_on(before)
    assert.equal("nonce-4711\n" .. before.boot, says
      "cat /run/nonce /proc/sys/kernel/random/boot_id")
    local ticks = tonumber(says "wc -l </run/ticks")
    assert.is_true(ticks >= before.ticks)
    assert.is_true(tonumber(says "sleep 1; wc -l </run/ticks") > ticks)
    -- it is set by a program, which takes as long to start as this one
    local from, now, to = os.time(), tonumber(says "date +%s"), os.time()
    assert.is_true(from - 1 - 2 * (to - from) <= now and now <= to + 1,
                   ("%d of %d to %d"):format(now, from, to))
  end

  it("is saved and goes on: memory, firmware, TPM, clock, mounts", function()
    local base = image()
    guest:up(guest:recipe("kept", debian.kept "kept", debian.PATIENT .. ([[agent {},
      firmware = { secure = true }, tpm {}, hotplug { ports = 4, memory = "2G" },
      mount { from = %q, to = "/srv/boot" }]]):format(guest:share "boot")))
    guest:is_trusted "kept"
    home:does("mount", "kept", guest:share "hot", "--to", "/srv/hot")
    home:does("plug", "kept", "memory", "size=128M")
    says [[echo nonce-4711 >/run/nonce; tpm2_pcrextend 16:sha256=$(printf %064d 4711)
      (while sleep 0.1; do echo >>/run/ticks; done) >/dev/null 2>&1 &]]
    local before = { slots = slots(), outside = says(OUTSIDE), ticks =
      tonumber(says "sleep 1; wc -l </run/ticks"), boot = says
      "cat /proc/sys/kernel/random/boot_id" }
    assert.matches("16: 0x%x*[1-9A-F]%x*\n", before.outside)

    home:does("save", "--sums", "kept", "kept.saved")
    assert.same({}, home:runtime())
    home:does("check", "--verify", "kept.saved")
    local _, told = home:does("restore", "kept.saved")
    assert.is_nil(told:find("problem", 1, true), told)
    goes_on(before)
    assert.same(before.slots, slots())
    assert.equal(before.outside, says(OUTSIDE))
    for _, name in ipairs { "boot", "hot" } do
      assert.equal("of the host", says(("cd /srv/%s; echo %s >new; cat file"):format(name, name)))
      assert.equal(name .. "\n", scratch.read(("%s/%s/new"):format(home.dir, name)))
      home:does("unmount", "kept", "/srv/" .. name)
    end
    guest:down "kept"
    assert.same(base, image())
  end)
end)
