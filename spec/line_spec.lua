-- SPDX-License-Identifier: MIT
-- lunik.argv: command lines from a table; what C renders in one pass is what Lua would.
local core = require "lunik.core"
local lunik = require "lunik"
local qemu = require "lunik.qemu"
local schema = require "lunik.qemu.schema"
local together = require "lunik.qemu.together"

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

describe("the schema in C", function()
  local compiled = schema.compile(qemu.list())

  local function build(row, value)
    return core.options.build(compiled, { [row[1]] = row.grammar == "flag" or value })
  end

  local function cases_of(row)
    return assert(loadfile("spec/options/" .. row[1] .. ".lua"))()
  end

  for _, row in ipairs(qemu.list()) do
    it("renders -" .. row[1] .. " as Lua does, or leaves it to Lua", function()
      for _, case in ipairs(cases_of(row)) do
        local argv = build(row, case[1])
        if argv then assert.equal(case[2] or "", argv[2] or "") end
      end
    end)
  end

  it("does most of them", function()
    local done, all = 0, 0
    for _, row in ipairs(qemu.list()) do
      for _, case in ipairs(cases_of(row)) do
        local _, left = build(row, case[1])
        done, all = done + (left and 0 or 1), all + 1
      end
    end
    assert.is_true(done > all / 3, ("%d of %d"):format(done, all))
  end)

  -- What C makes of a value, if anything, is what Lua makes of it too.
  local function hold(row, value)
    local argv, left = build(row, value)
    if not argv or left or row.grammar == "flag" then return end
    local problems, args = {}, type(value) == "table" and value or { value }
    local function report(...) problems[#problems + 1] = { ... } end
    qemu.check(row[1], args, report)
    together.check({ { row = row, args = args } }, report)
    assert.same({}, problems, table.concat(argv, " "))
    local entry = assert(qemu.entry(row[1], args))
    assert.equal(entry.verbatim or core.argv.render { entry }[2], argv[2])
  end

  local wrong = { true, false, 0, -1, 2^53 | 0, 1.5,
    "", "a b", "a,b", "on", "off", "\0", "4X", "1G", "é", "q35" }

  it("accepts no key's value that Lua refuses", function()
    for _, row in ipairs(qemu.list()) do
      local keys = { { 1 } }
      for _, key in ipairs(row.keys or {}) do keys[#keys + 1] = key end
      for _, list in pairs(row.by or {}) do table.move(list, 1, #list, #keys + 1, keys) end
      for _, key in ipairs(keys) do
        for _, value in ipairs(wrong) do
          for form in pairs(row.by or { [false] = true }) do
            hold(row, { form or nil, [key[1]] = value })
          end
        end
      end
    end
  end)

  it("accepts no lone value that Lua refuses", function()
    for _, row in ipairs(qemu.list()) do
      for _, value in ipairs(wrong) do hold(row, value) end
      for form in pairs(row.by or {}) do hold(row, form) end
    end
  end)
end)
