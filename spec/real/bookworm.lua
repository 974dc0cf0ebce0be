-- Debian 12 as it is, without a seed: its agent, its sshd, its way down.
local debian = require "real.debian"
local scratch = require "support.scratch"
local run = require "support.run"

-- QEMU has a fifth of a processor until the file ENOUGH comes, and is let go then: OVER comes.
local SLOW = [[on("started", function(vm)
  host.run { "sh", "-c", [=[{
    until [ -e "$2/ENOUGH" ]; do
      kill -STOP $1 && sleep 0.08 && kill -CONT $1 && sleep 0.02 || exit
    done
    : >"$2/OVER"
  } </dev/null >/dev/null 2>&1 &]=], "sh", tostring(vm:status().qemu.pid), vm.facts.dir }
end),]]

describe("a real bookworm", function()
  local guest, home
  before_each(function()
    guest = debian.new "bookworm"
    home = guest.home
  end)
  after_each(function() guest:close() end)

  it("boots with an agent, has its mount, and the seed that its serial number names", function()
    guest:up(guest:recipe("agent", debian.THROWN_AWAY, debian.PATIENT .. ([[agent {},
      ready = "cloud-init",
      mount { from = %q, to = "/work" }, cloud_init { via = "serial", from = "/srv/seed",
        hostname = "serial" }]]):format(guest:share "work")))
    assert.equal("of the host", guest:says("agent", "cat /work/file"))
    assert.equal("seeded\nserial\n", guest:says("agent", "cat /srv/seeded; hostname"))
    assert.equal("agent", home:json("status", "agent", "--json").guest.by)
    guest:down "agent"
  end)

  for road, items in pairs { agent = "agent {}", ssh = 'ssh { user = "debian" }' } do
    it("powers off when it is told to while it boots: by " .. road, function()
      guest:up(guest:recipe("early", debian.THROWN_AWAY, items
        .. ', ready = "console: Linux version"'))
      guest:down "early"
    end)
  end

  it("is done no harm with a fifth of a processor", function()
    guest:up(guest:recipe("slow", debian.THROWN_AWAY, SLOW
      .. 'ssh { user = "debian", key = guest .. "/id_ed25519" }'))
    scratch.write(home.dir .. "/ENOUGH", "")
    run.output { path = true, env = home.env, argv = { "timeout", "600", "sh", "-c",
      'until [ -e "$1/OVER" ]; do sleep 0.05; done', "sh", home.dir } }
    guest:unharmed "slow"
    home:does("down", "--force", "slow")
  end)
end)
