-- SPDX-License-Identifier: MIT
-- What a machine's architecture cannot do on this host: run under KVM where the host is another,
-- or boot a kernel of another. In fields of the machine, and in options that say the same.
local check = require "lunik.schema.check"

local fit = {}

local HEAD = 1024          -- bytes of a kernel that tell what it is for

-- Those that are one for this purpose, and one that runs another's too.
local family = { i386 = "x86", x86_64 = "x86", riscv32 = "riscv", riscv64 = "riscv", ppc = "ppc",
                 ppc64 = "ppc" }
local runs_too = { aarch64 = "arm" }

local function same(one, other)
  return one == other or one == "i386" and other == "x86_64"
end

-- Why KVM cannot be had here | nil. It is said, and never replaced.
function fit.kvm(values, host)
  if not same(values.arch, host.arch) then
    return ("kvm cannot run %s on %s; 'tcg' can"):format(values.arch, host.arch)
  end
  local works, why = host.kvm()
  if not works then return ("kvm does not work on this host: %s; 'tcg' does"):format(why) end
end

-- Kernels by what stands in them: Documentation/arch/x86/boot.rst, arm64/booting.rst and
-- riscv/boot-image-header.rst of Linux; an ELF file says it in e_machine, elf(5).
local images = { { 0x202, "HdrS", "x86" }, { 0x38, "ARM\x64", "aarch64" },
                 { 0x24, "\x18\x28\x6f\x01", "arm" }, { 0x38, "RSC\x05", "riscv" } }
local elf = { [3] = "x86", [62] = "x86", [40] = "arm", [183] = "aarch64", [22] = "s390x",
              [243] = "riscv", [20] = "ppc", [21] = "ppc" }

-- The architecture of a kernel by its first bytes | nil where they do not tell
function fit.architecture(head)
  if head:sub(1, 4) == "\x7fELF" and #head >= 20 then
    return elf[string.unpack(head:byte(6) == 2 and ">I2" or "<I2", head, 19)]
  end
  for _, image in ipairs(images) do
    local at, magic, arch = table.unpack(image)
    if head:sub(at + 1, at + #magic) == magic then return arch end
  end
end

-- Why a kernel is not for the machine | nil
function fit.kernel(path, values, host)
  local head = path and host.head(path, HEAD)
  local arch, own = head and fit.architecture(head), family[values.arch] or values.arch
  if not arch or arch == own or arch == runs_too[own] then return nil end
  return ("a kernel for %s, and the machine is %s"):format(arch, values.arch)
end

local rows = {}

function rows.kernel(item, machine, host)
  local path = tostring(item.args[1])
  return fit.kernel(path:find "^/" and path or machine.dir .. "/" .. path, machine, host)
end

-- Several are tried one after the other.
function rows.accel(item, machine, host, counts)
  if item.args[1] == "kvm" and counts.accel == 1 then return fit.kvm(machine, host) end
end

rows["enable-kvm"] = function(_, machine, host) return fit.kvm(machine, host) end

function rows.machine(item, machine, host)
  return item.args.accel == "kvm" and fit.kvm(machine, host) or nil, "accel"
end

-- Holds the options of a machine against its architecture.
function fit.options(machine, host, problems)
  local counts = { accel = machine.written.accel and 1 or 0 }
  for _, item in ipairs(machine.items) do
    if item.option then counts[item.option] = (counts[item.option] or 0) + 1 end
  end
  for _, item in ipairs(machine.items) do
    local name = item.option and item.option:gsub("_", "-")
    local row = rows[name]
    if row then
      local why, key = row(item, machine, host, counts)
      local path = "qemu." .. name .. (key and "." .. key or "")
      if why then
        check.add(problems, key and item.at_of(key) or item.at, path, why, "host")
        problems[#problems].code = name == "kernel" and "kernel-unfit" or "kvm-unusable"
      end
    end
  end
end

return fit
