-- SPDX-License-Identifier: MIT
-- lunik.argv: command lines from a table; what C renders in one pass is what Lua would.
local core = require "lunik.core"
local lunik = require "lunik"
local qemu = require "lunik.qemu"
local schema = require "lunik.qemu.schema"

local function text_of(spec)
  local argv, problems = lunik.argv(spec)
  if argv then return table.concat(argv, " ") end
  return lunik.text(problems)
end

describe("lunik.argv", function()
  it("writes options in the manual's order, lists for those that repeat", function()
    assert.equal("qemu -machine q35,accel=tcg -m 1G -device virtio-net-pci,netdev=n0 -device virtio-rng-pci "
      .. "-netdev user,id=n0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80 -nodefaults",
      text_of { "qemu", nodefaults = true, m = "1G", machine = { "q35", accel = "tcg" },
        netdev = { { "user", id = "n0", hostfwd = { "tcp:127.0.0.1:2222-:22", "tcp:127.0.0.1:8080-:80" } } },
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
    assert.equal("qemu.netdev.hostfw: no such key; did you mean 'hostfwd'?\nqemu.devise: no such option; did you mean 'device'?",
      text_of { devise = {}, netdev = { { "user", id = "n", hostfw = "x" } } })
    assert.equal("qemu.accel.kernel_irqchip: one of on, off, split expected, got 'spilt'; did you mean 'split'?",
      text_of { accel = { "kvm", kernel_irqchip = "spilt" } })
    assert.equal("qemu.accel.dirty_ring_size: a power of two, at least 1024 expected, got 1000",
      text_of { accel = { "kvm", dirty_ring_size = 1000 } })
  end)

  it("holds options against each other", function()
    assert.equal("qemu.device.netdev: no netdev has the id 'n1'; did you mean 'n0'?",
      text_of { netdev = { { "user", id = "n0" } }, device = { { "virtio-net-pci", netdev = "n1" } } })
    assert.equal("qemu.chardev.id: the id 'a' is used twice",
      text_of { chardev = { { "null", id = "a" }, { "null", id = "a" } } })
    assert.equal("qemu.machine.memory-backend: 'mem' has 1G, but -m says 2G; QEMU wants them equal",
      text_of { machine = { "q35", ["memory-backend"] = "mem" }, m = "2G",
        object = { { "memory-backend-ram", id = "mem", size = "1G" } } })
  end)
end)

describe("the schema in C", function()
  local compiled = schema.compile(qemu.list())

  for _, row in ipairs(qemu.list()) do
    it("renders -" .. row[1] .. " as Lua does, or leaves it to Lua", function()
      local chunk = assert(loadfile("spec/options/" .. row[1] .. ".lua"))
      for _, case in ipairs(chunk()) do
        local value = row.grammar == "flag" or case[1]
        local argv = core.options.build(compiled, { [row[1]] = value })
        if argv then assert.equal(case[2] or "", argv[2] or "") end
      end
    end)
  end

  it("does most of them", function()
    local done, all = 0, 0
    for _, row in ipairs(qemu.list()) do
      for _, case in ipairs(assert(loadfile("spec/options/" .. row[1] .. ".lua"))()) do
        all = all + 1
        local _, left = core.options.build(compiled, { [row[1]] = row.grammar == "flag" or case[1] })
        done = done + (left and 0 or 1)
      end
    end
    assert.is_true(done > all / 3, ("%d of %d"):format(done, all))
  end)

  it("accepts nothing that Lua refuses", function()
    local wrong = { true, false, 0, -1, 2^53 | 0, "", "a b", "a,b", "on", "off", "\0", "4X", "1G", "é", "q35" }
    for _, row in ipairs(qemu.list()) do
      local keys = { { 1 } }
      for _, key in ipairs(row.keys or {}) do keys[#keys + 1] = key end
      for _, list in pairs(row.by or {}) do
        for _, key in ipairs(list) do keys[#keys + 1] = key end
      end
      for _, key in ipairs(keys) do
        for _, value in ipairs(wrong) do
          for form in pairs(row.by or { [false] = true }) do
            local args = { form or nil, [key[1]] = value }
            local argv, left = core.options.build(compiled, { [row[1]] = args })
            if argv and not left and row.grammar ~= "flag" then
              local problems = {}
              qemu.check(row[1], args, function(where, why) problems[#problems + 1] = tostring(where) .. ": " .. why end)
              assert.same({}, problems, ("%s: %s"):format(row[1], table.concat(argv, " ")))
              local entry = assert(qemu.entry(row[1], args))
              assert.equal(entry.verbatim or core.argv.render { entry }[2], argv[2])
            end
          end
        end
      end
    end
  end)
end)
