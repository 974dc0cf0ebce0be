-- What a kernel is for is read from its first bytes, and said only where they tell.
local accelerator = require "lunik.machine.accelerator"
local fit = require "lunik.machine.fit"

local function at(offset, magic) return ("\0"):rep(offset) .. magic .. ("\0"):rep(64) end

local function elf(machine, order)
  return "\x7fELF\2" .. (order == ">" and "\2" or "\1") .. ("\0"):rep(12)
         .. string.pack((order or "<") .. "I2", machine) .. ("\0"):rep(64)
end

local KERNELS = {
  x86 = { at(0x202, "HdrS"), elf(62), elf(3) },
  aarch64 = { at(0x38, "ARM\x64"), elf(183) }, arm = { at(0x24, "\x18\x28\x6f\x01"), elf(40) },
  riscv = { at(0x38, "RSC\x05"), elf(243) }, s390x = { elf(22, ">") }, ppc = { elf(21, ">") },
}

-- What each machine boots.
local BOOTS = { x86_64 = { x86 = true }, i386 = { x86 = true }, arm = { arm = true },
  aarch64 = { aarch64 = true, arm = true }, riscv64 = { riscv = true }, riscv32 = { riscv = true },
  s390x = { s390x = true }, ppc64 = { ppc = true } }

local function judge(head, arch)
  return fit.kernel("/k", { arch = arch }, { head = function() return head end })
end

describe("a kernel", function()
  it("of another architecture is told", function()
    for arch, boots in pairs(BOOTS) do
      for made_for, list in pairs(KERNELS) do
        for _, head in ipairs(list) do
          local why = ("a kernel for %s, and the machine is %s"):format(made_for, arch)
          assert.equal(not boots[made_for] and why or nil, judge(head, arch))
        end
      end
    end
  end)

  it("of an unknown kind is not doubted", function()
    for _, head in ipairs { "", "\x7fELF", elf(4711), "MZ", ("\0"):rep(1024), "HdrS" } do
      assert.is_nil(judge(head, "aarch64"))
    end
    assert.is_nil(fit.kernel("/k", { arch = "arm" }, { head = function() return nil, "no" end }))
    assert.is_nil(fit.kernel(nil, { arch = "arm" }, {}))
  end)
end)

describe("an accelerator", function()
  -- What the field is where options of the recipe say it, on a host that has KVM or not.
  local function chosen(works, ...)
    local items = {}
    for i, item in ipairs { ... } do items[i] = { word = item[1], fields = item[2] } end
    local values = { arch = "x86_64", asked_accel = accelerator.asked { items = items } }
    local host = { arch = "x86_64", kvm = function() return works, "why" end }
    return (accelerator.choose(values, host))
  end

  it("is the first of those that options ask for which there is", function()
    local kvm, tcg = { "qemu.accel", { "kvm" } }, { "qemu.accel", { "tcg", thread = "single" } }
    assert.equal("kvm", chosen(true))
    assert.equal("tcg", chosen(false))
    assert.equal("tcg", chosen(true, tcg))
    assert.equal("kvm", chosen(true, kvm, tcg))
    assert.equal("tcg", chosen(false, kvm, tcg))
    assert.equal("kvm", chosen(false, kvm))
    assert.equal("kvm", chosen(false, { "qemu.enable_kvm", {} }))
    assert.equal("tcg", chosen(false, { "qemu.machine", { "q35", accel = "kvm:tcg" } }))
    assert.equal("tcg", chosen(false, { "qemu.machine", { accel = {} } }, { "qemu.accel", { 5 } }))
  end)

  it("is bounded in what it keeps of translated code, whoever says it", function()
    local function bounded(args)
      accelerator.merge({ args = args }, { tb_size = 64 })
      return args
    end
    assert.same({ "tcg", ["tb-size"] = 64 }, bounded { "tcg" })
    assert.same({ "tcg", ["tb-size"] = 32 }, bounded { "tcg", ["tb-size"] = 32 })
    assert.same({ "kvm" }, bounded { "kvm" })
  end)

  local function problems(options, arch)
    local found, items = {}, {}
    for i, option in ipairs(options) do
      items[i] = { option = option[1], args = option[2], at = {}, at_of = function() return {} end }
    end
    fit.options({ items = items, written = {}, arch = arch or "aarch64" },
      { arch = "x86_64", kvm = function() return true end }, found)
    return #found
  end

  it("that cannot be had is one in any option, but where another follows", function()
    assert.equal(1, problems { { "accel", { "kvm" } } })
    assert.equal(1, problems { { "enable_kvm", {} } })
    assert.equal(1, problems { { "machine", { "virt", accel = "kvm" } } })
    assert.equal(0, problems { { "accel", { "kvm" } }, { "accel", { "tcg" } } })
    assert.equal(0, problems { { "machine", { "virt", accel = "kvm:tcg" } } })
    assert.equal(0, problems({ { "accel", { "kvm" } } }, "i386"))
  end)
end)
