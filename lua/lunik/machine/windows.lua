-- SPDX-License-Identifier: MIT
-- The field `windows`: what a guest of that name wants otherwise than others. Hyper-V's interfaces,
-- a clock in local time, a TPM and secure boot; and, until it is given the virtio drivers, disks
-- and cards that its installer knows. What the recipe says itself stays as it is.
local ide = require "lunik.device.ide"
local kind = require "lunik.schema.kind"
local medium = require "lunik.device.cdrom.medium"
local qemu = require "lunik.qemu"

local windows = {}

local DRIVERS = 'windows = { drivers = "virtio-win.iso" }'

local members = kind.record('such as { drivers = "virtio-win.iso" }', { drivers = medium.kind })

windows.kind = { name = "windows", expects = 'true or false, or { drivers = "virtio-win.iso" }',
  parse = kind.bool.parse,
  shown = function(value) return ("{ drivers = %s }"):format(kind.show(value.drivers)) end,
  read = function(value, context)
  if type(value) == "boolean" then return value end
  if type(value) == "table" then return members.read(value, context) end
  return nil, ("%s expected, got %s"):format(windows.kind.expects, kind.show(value))
end }

-- What QEMU's docs/system/i386/hyperv.rst recommends, but for what one vendor's processors have,
-- or what holds a guest to one host. KVM has them; TCG has none.
local HYPERV = { "hv-relaxed", "hv-vapic", "hv-vpindex", "hv-runtime", "hv-time", "hv-synic",
  "hv-stimer", "hv-frequencies", "hv-tlbflush", "hv-ipi" }
local SPINLOCKS = 0x1fff

local x86 = { x86_64 = true, i386 = true }
local known = { x86_64 = true, i386 = true, aarch64 = true }

-- Whether the features of a processor name one already, however they spell it.
local function names(args, feature)
  for key, value in pairs(args) do
    local word = type(key) == "string" and key or type(value) == "string" and value:sub(2) or ""
    if word:gsub("_", "-") == feature then return true end
  end
end

local function with_hyperv(cpu)
  local out = {}
  for key, value in pairs(type(cpu) == "table" and cpu or { cpu }) do out[key] = value end
  for _, feature in ipairs(HYPERV) do
    if not names(out, feature) then out[feature] = true end
  end
  if not names(out, "hv-spinlocks") then out["hv-spinlocks"] = SPINLOCKS end
  return out
end

local function drivers(machine)
  return type(machine.windows) == "table" and machine.windows.drivers or nil
end

-- What a guest without drivers knows: { disk = a bus, card = a device of QEMU's } | nil: all that
-- others know.
function windows.in_box(machine)
  if not machine.windows or drivers(machine) then return nil end
  return { disk = ide.of(machine) or "nvme", card = "e1000e" }
end

local function has(draft, word)
  for _, entry in ipairs(draft.items) do
    if entry.word == word then return true end
  end
end

-- Adds what such a guest wants, as if the line that says so had it.
function windows.add(draft, machine)
  if not machine.windows then return end
  local function add(word, fields)
    draft.items[#draft.items + 1] = { word = word, fields = fields, at = machine.written.windows }
  end
  if not has(draft, "tpm") then add("tpm", {}) end
  local file = drivers(machine)
  if file then add("cdrom", { id = "drivers", file = file }) end
end

-- Settles the machine's other fields, and says what is not as usual: true | nil, why
function windows.settle(machine, notes)
  if not machine.windows then return true end
  if not known[machine.arch] then
    return nil, ("there is none for %s"):format(machine.arch)
  end
  if machine.accel == "kvm" and x86[machine.arch] and machine.cpu then
    machine.cpu = with_hyperv(machine.cpu)
  end
  local box = windows.in_box(machine)
  if box then
    notes[#notes + 1] = ("windows: disks are on %s and cards are %s, until %s brings drivers for "
      .. "virtio"):format(box.disk, box.card, DRIVERS)
  end
  return true
end

-- What it boots by where the recipe does not say.
windows.FIRMWARE = { secure = true }
windows.WHY_SECURE = 'windows asks for secure boot, unless firmware says otherwise, such as "uefi"'

-- The clock, unless the recipe has it.
function windows.emit(plan, machine, value)
  if not value then return end
  for _, item in ipairs(machine.items) do
    if item.option == "rtc" then return end
  end
  plan:add(qemu.rtc { base = "localtime" })
end

return windows
