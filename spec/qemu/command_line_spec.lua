-- SPDX-License-Identifier: MIT
-- lunik.argv: command lines from a table.
local lunik = require "lunik"

local function text_of(spec)
  local argv, problems = lunik.argv(spec)
  if argv then return table.concat(argv, " ") end
  return lunik.text(problems)
end

describe("lunik.argv", function()
  it("writes options in the manual's order, lists for those that repeat", function()
    assert.equal("qemu -machine q35,accel=tcg -m 1G"
      .. " -device virtio-net-pci,netdev=n0 -device virtio-rng-pci"
      .. " -netdev user,id=n0,hostfwd=tcp::2222-:22,hostfwd=tcp::8080-:80 -nodefaults",
      text_of { "qemu", nodefaults = true, m = "1G", machine = { "q35", accel = "tcg" },
        netdev = { { "user", id = "n0", hostfwd = { "tcp::2222-:22", "tcp::8080-:80" } } },
        device = { { "virtio-net-pci", netdev = "n0" }, { "virtio-rng-pci" } } })
  end)

  it("leaves flags that are false out", function()
    assert.equal("qemu -S", text_of { "qemu", S = true, nodefaults = false })
  end)

  it("writes the implied key out where QEMU would misread the first value", function()
    assert.equal("-name guest=a,,id=evil", text_of { name = { "a,id=evil" } })
    assert.equal("-name guest=a,,b", text_of { name = "a,b" })
  end)

  it("says everything that is wrong", function()
    assert.equal("qemu.netdev.hostfw: no such key; did you mean 'hostfwd'?\n"
      .. "qemu.devise: no such option; did you mean 'device'?",
      text_of { devise = {}, netdev = { { "user", id = "n", hostfw = "x" } } })
    assert.equal("qemu.accel.kernel_irqchip: one of on, off, split expected, got 'spilt';"
      .. " did you mean 'split'?",
      text_of { accel = { "kvm", kernel_irqchip = "spilt" } })
    assert.equal("qemu.accel.dirty_ring_size: a power of two, at least 1024 expected, got 1000",
      text_of { accel = { "kvm", dirty_ring_size = 1000 } })
  end)

  it("refuses tables that have no end", function()
    local own, both, deep, many = { "x" }, { "x" }, "x", "x"
    own.a, both.machine = own, both
    for _ = 1, 100000 do deep = { a = deep } end
    for _ = 1, 30 do many = { a = many, b = many } end
    assert.equal("qemu.device: a table within itself", text_of { device = { own } })
    assert.equal("qemu.machine: a table within itself", text_of(both))
    assert.equal("qemu.blockdev: tables nested too deep", text_of { blockdev = deep })
    assert.equal("qemu.blockdev: too many values", text_of { blockdev = many })
  end)

  it("has no place for words without a name but the first", function()
    assert.equal("argv: no place for '-S' at position 2", text_of { "qemu", "-S" })
    assert.equal("argv: no place for 5 at position 1", text_of { 5 })
    assert.equal("qemu.device: no place for 'y' at position 2",
      text_of { device = { { "x" }, "y" } })
    assert.equal("qemu.device: no place for 'd' at position id",
      text_of { device = { { "x" }, id = "d" } })
    assert.equal("qemu.S: true or false expected, got 'no'", text_of { S = "no" })
  end)

  it("holds options against each other", function()
    assert.equal("qemu.device.netdev: no netdev has the id 'n1'; did you mean 'n0'?",
      text_of { netdev = { { "user", id = "n0" } },
        device = { { "virtio-net-pci", netdev = "n1" } } })
    assert.equal("qemu.mon.chardev: no chardev has the id 'm'; did you mean 'c'?",
      text_of { chardev = { "null", id = "c" }, mon = "m" })
    assert.equal("qemu.chardev.id: the id 'a' is used twice",
      text_of { chardev = { { "null", id = "a" }, { "null", id = "a" } } })
    assert.equal("qemu.machine.memory-backend: 'mem' has 1G, but -m says 2G; QEMU wants them equal",
      text_of { machine = { "q35", ["memory-backend"] = "mem" }, m = "2G",
        object = { { "memory-backend-ram", id = "mem", size = "1G" } } })
  end)
end)
