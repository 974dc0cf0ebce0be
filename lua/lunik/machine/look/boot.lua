-- SPDX-License-Identifier: MIT
-- What is booted directly, and the processor that runs it.
local fit = require "lunik.machine.fit"
local kind = require "lunik.schema.kind"

local show = kind.show

local HEAD = 8192          -- within so many bytes a multiboot header lies (hw/i386/multiboot.c)
local MULTIBOOT = "\x02\xb0\xad\x1b"
local SETUP, SECTOR = 0x1f1, 512       -- Documentation/arch/x86/boot.rst of Linux

-- Whether QEMU would refuse it: what has no header is taken for a kernel of old, whose first
-- sectors are as many as a byte of it says (hw/i386/x86.c:x86_load_linux).
local function refuses(head, bytes)
  local sectors = head:byte(SETUP + 1) or 0
  return ((sectors == 0 and 4 or sectors) + 1) * SECTOR > bytes
end

local function is_pc(arch) return arch == "x86_64" or arch == "i386" end

local looks = {}

function looks.kernel(self, about)
  local path = self:absolute(tostring(about.value))
  local head = is_pc(self.arch) and self.host.head(path, HEAD)
  if not head or fit.architecture(head) or head:find(MULTIBOOT, 1, true) then return end
  local found = self.host.stamp(path)
  local refused = not found or not found.bytes or refuses(head, found.bytes)
  self:say(about, "kernel-unfit", ("%s is no kernel that a PC boots: neither a "
    .. "bzImage nor ELF nor multiboot"):format(show(about.value)), not refused and "warning" or nil)
end

-- Accelerators that run the host's own processor.
local native = { kvm = true, hvf = true }

-- The accelerators that are asked for: a list.
local function accelerators(self)
  local list = {}
  for _, entry in ipairs(self.list) do
    local name, args = entry.row.name, entry.args
    if name == "enable-kvm" then
      list[#list + 1] = "kvm"
    elseif name == "accel" then
      list[#list + 1] = args[1] or args.accel
    elseif name == "machine" and args.accel then
      for word in tostring(args.accel):gmatch "[^:]+" do list[#list + 1] = word end
    end
  end
  return list
end

function looks.processor(self, about)
  if about.value ~= "host" then return end
  for _, name in ipairs(accelerators(self)) do
    if native[name] then return end
  end
  self:add(nil, about.value, "kvm-unusable", "the model 'host' takes kvm: with tcg 'max' is the "
    .. "nearest")
end

-- KVM for this guest, where it is all that is tried.
local function kvm(self, key)
  if #accelerators(self) > 1 then return end
  local why = fit.kvm({ arch = self.arch }, self.host)
  if why then self:add(key, "kvm", "kvm-unusable", why, nil, "tcg") end
end

function looks.accelerator(self, about)
  local name = self.entry.row.name
  if name == "enable-kvm" or name == "accel" and about.value == "kvm" then kvm(self) end
end

-- accel= of -machine
function looks.accelerators(self, about)
  if tostring(about.value):find "^kvm" then kvm(self, about.key) end
end

-- QEMU puts an initrd below the last 160 KiB of a PC's memory, of which ACPI's tables take 128
-- (hw/i386/pc.c). SeaBIOS has its SMBIOS tables there, too: what is too long comes to lie where the
-- initrd goes, or ACPI's own tables do.
local SMBIOS = 32 << 10

-- Bytes of the texts and files of a structure.
local function bytes_of(self, args)
  local sum = 0
  for name, value in pairs(args) do
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      local found = (name == "file" or name == "path")
        and self.host.stamp(self:absolute(tostring(each)))
      sum = sum + (found and found.bytes or #tostring(each)) + 1
    end
  end
  return sum
end

-- Whether SeaBIOS boots a kernel that has an initrd.
local function boots_initrd(self)
  local has = {}
  for _, entry in ipairs(self.list) do
    local name, args = entry.row.name, entry.args
    has[name] = true
    if name == "bios" or args.pflash0 or args["if"] == "pflash" then return false end
  end
  return is_pc(self.arch) and has.kernel and has.initrd
end

function looks.smbios(self, about)
  if not boots_initrd(self) then return end
  local sum = 0
  for _, entry in ipairs(self.list) do
    if entry.row.name == "smbios" then sum = sum + bytes_of(self, entry.args) end
    if entry == self.entry then break end
  end
  if sum <= SMBIOS then return end
  self:say(about, "smbios-long", ("%d bytes of SMBIOS structures; beside an initrd there is room "
    .. "for %d: the guest would find its ACPI tables overwritten"):format(sum, SMBIOS))
end

return looks
