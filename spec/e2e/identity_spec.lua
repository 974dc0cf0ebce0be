-- What a guest is given that is another machine than the one that was saved: a name, a machine-id,
-- addresses and a lease of its own, in a real guest, whose init and networks are those of others
-- where programs stand in for theirs and write down how they are called.
local brief = require "lunik.launch.brief"
local fresh = require "lunik.vm.fresh"
local house = require "support.house"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local scratch = require "support.scratch"
local ssh = require "lunik.vm.guest.ssh"

local RECIPE = [[
  local guest = %q
  return machine { name = "m", accel = "tcg", cpus = 1, memory = "256M",
    kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q,
    nic { mac = "52:54:00:00:00:01", forward = { ssh = 22 } },
    nic { mac = "52:54:00:00:00:02", isolated = true }, agent {}, console {} }]]

local ID = ("0123456789abcdef"):rep(2)

-- The new one of the first card is the old one of the second.
local OLD, NEW, LAST = "52:54:00:00:00:01", "52:54:00:00:00:02", "52:54:00:00:00:03"
local MACS = { [OLD] = NEW, [NEW] = LAST }

describe("a guest that becomes another machine", function()
  local dir, l, vm
  setup(function()
    dir, l = scratch.new(), loop.new()
    local host = setmetatable({ runtime = dir .. "/run", state = dir .. "/state" },
                              { __index = require "lunik.host" })
    local recipe = scratch.write(dir .. "/vm.lua", RECIPE:format(house.guest, house.append))
    l:run(function()
      local plan, machine = lunik.plan(recipe, { host = host })
      assert(plan, plan or lunik.text(machine))
      vm = assert(launch.start(plan, l, brief.of_machine(machine, l, { tied = true })))
      assert(vm.guest:wait(120))
    end)
  end)
  teardown(function()
    l:run(function()
      vm:stop("over", "quit")
      vm:wait(60)
    end)
    l:close()
    scratch.remove(dir)
  end)

  -- What a script prints there.
  local function guest(text)
    local done = assert(vm.guest:run_script(text, {}, 120))
    assert(done.status == 0, text .. ": " .. done.err)
    return done.out
  end

  -- What was done, and what not, of a stage.
  local function renew(what, stage)
    local report, why = fresh.run(vm.guest, what, stage)
    assert(report, why)
    local done = {}
    for i, each in ipairs(report) do done[i] = each.done and each.name or nil end
    return done, fresh.left(report)
  end

  -- A program that writes down how it is called, and may do something as well.
  local function stand_in(name, text)
    guest(([[cat >/bin/%s <<'END'
#!/bin/sh
echo "%s $*" >>/tmp/calls
%s
END
chmod 755 /bin/%s]]):format(name, name, text or "", name))
  end

  local function calls() return guest "cat /tmp/calls; rm /tmp/calls" end

  -- The guest's init is systemd, of which one unit is active.
  local function systemd(unit)
    stand_in("systemctl", ('[ "$2" != is-active ] || [ "$3" = %s ]'):format(unit))
    guest "mkdir -p /run/systemd/system"
  end

  -- Runs a case where what is waited for is waited for.
  local function inside(name, fn) it(name, function() l:run(fn) end) end

  inside("has its name, its machine-id and its addresses at once", function()
    guest [[until ip route | grep -q default; do sleep 0.2; done
      until ip -6 addr show eth0 | grep -q dynamic; do sleep 0.2; done
      until ip addr show eth1 | grep -q "inet "; do sleep 0.2; done     # its network is the first's
      while pidof udhcpc; do sleep 0.2; done
      ip addr flush dev eth1; ip link set eth1 down
      echo lunik >/etc/hostname; echo old >/etc/machine-id; mkdir -p /var/lib/dbus
      ln -s /etc/machine-id /var/lib/dbus/machine-id
      printf '127.0.0.1 localhost\n127.0.1.1\tlunik.example lunik\n::1 lunikx\n' >/etc/hosts]]
    local routes = guest "ip route show dev eth0"
    local done, left = renew { hostname = "clone-1", machine_id = ID, macs = MACS }
    assert.same({ { "hostname", "machine-id", "mac" }, {} }, { done, left })
    assert.equal("clone-1\nclone-1\n", guest "hostname; cat /etc/hostname")
    assert.equal("127.0.0.1 localhost\n127.0.1.1\tclone-1.example clone-1\n::1 lunikx\n",
                 guest "cat /etc/hosts")
    assert.equal(ID .. "\n", guest "cat /var/lib/dbus/machine-id")
    assert.equal(("%s\n%s\n"):format(NEW, LAST), guest "cat /sys/class/net/eth[01]/address")
    assert.equal(routes, guest "ip route show dev eth0")
    guest "until ip -6 addr show eth0 | grep -q fe80::5054:ff:fe00:2; do sleep 0.1; done"
    assert.equal("", guest "ip -6 addr show eth0 | grep ff:fe00:1 || true")
    assert(ssh.answers(l, vm.guest.forward "ssh", 90))
  end)

  inside("has cards whose state and command line say what is to become what", function()
    assert.same({ [NEW] = OLD, [LAST] = NEW }, fresh.macs(vm))
  end)

  inside("is told which card it does not have, and what else failed by then", function()
    local _, left = renew { hostname = "clone-2", macs = { [OLD] = NEW } }
    assert.same({ "mac: no card has the address " .. OLD }, left)
  end)

  inside("has a lease by networkd, which knows it by its new address", function()
    systemd "systemd-networkd"
    guest(([[mkdir -p /etc/systemd/network; printf 'MACAddress=%s %s\n' \
      >/etc/systemd/network/a.network]]):format(OLD:upper(), NEW))
    local done, left = renew({ macs = MACS, lease = true }, "rest")
    assert.same({ { "lease" }, {} }, { done, left })
    assert.equal(("MACAddress=%s %s\n"):format(NEW, LAST),
                 guest "cat /etc/systemd/network/a.network")
    assert.equal("systemctl -q is-active systemd-networkd\nsystemctl restart systemd-networkd\n",
                 calls())
  end)

  inside("has a lease by NetworkManager", function()
    systemd "NetworkManager"
    stand_in "nmcli"
    assert.same({ "lease" }, (renew({ lease = true }, "rest")))
    assert.matches("\nnmcli connection reload\nnmcli %-w 30 device connect eth0\n"
                   .. "nmcli %-w 30 device connect eth1\n$", calls())
  end)

  inside("has a lease by ifupdown", function()
    systemd "none"
    guest [[ln -s /run /var/run; mkdir -p /run/network /etc/network; cd /etc/network
      mkdir if-pre-up.d if-up.d if-down.d if-post-down.d; echo eth0=eth0 >/run/network/ifstate
      printf 'iface eth0 inet manual\n up echo up >>/tmp/calls\n down echo down >>/tmp/calls\n' \
        >interfaces; ifup eth0; rm /tmp/calls]]
    assert.same({ "lease" }, (renew({ lease = true }, "rest")))
    assert.matches("\ndown\nup\n$", calls())
    guest "rm /run/network/ifstate"
  end)

  inside("has a lease by udhcpc, as the card that it has now", function()
    guest "udhcpc -b -i eth0 -s /etc/dhcp"
    assert.same({ "lease" }, (renew({ lease = true }, "rest")))
    guest [[until ip addr | grep -q 10.0.2.16; do sleep 0.2; done
      kill $(pidof udhcpc); while pidof udhcpc; do sleep 0.2; done]]
  end)

  inside("is told where nobody could be asked for a lease", function()
    assert.same({ "lease: neither networkd, NetworkManager, ifupdown nor udhcpc runs there" },
                select(2, renew({ lease = true }, "rest")))
    calls()
  end)

  inside("has a journal by its new machine-id", function()
    assert.same({ "journal" }, (renew({ machine_id = ID }, "rest")))
    assert.equal("systemctl restart systemd-journald\n", calls())
  end)

  inside("has host keys of its own of the kinds that it had", function()
    assert.same({ "host-keys: there are none in /etc/ssh" },
                select(2, renew({ host_keys = true }, "rest")))
    systemd "ssh"
    stand_in("ssh-keygen", 'echo new | tee "$7" >"$7.pub"')
    guest "mkdir /etc/ssh; cd /etc/ssh; for k in rsa ed25519; do echo old >ssh_host_${k}_key; done"
    assert.same({ "host-keys" }, (renew({ host_keys = true }, "rest")))
    assert.equal(("new\n"):rep(4), guest "cd /etc/ssh; cat ssh_host_*_key ssh_host_*_key.pub")
    assert.matches("ssh%-keygen %-q %-t rsa .*\nsystemctl restart ssh\n", calls())
    assert.equal("", guest "ls /etc/ssh | grep new || true")
  end)

  inside("is told of by each step where its root may not be written to", function()
    guest "mount --bind /etc /etc; mount -o remount,ro,bind /etc"
    local _, left = renew { hostname = "clone-3", machine_id = ID }
    guest "umount /etc"
    assert.equal(2, #left)
    assert.matches("^hostname: .*Read%-only file system", left[1])
    assert.matches("^machine%-id: .*Read%-only file system", left[2])
  end)
end)
