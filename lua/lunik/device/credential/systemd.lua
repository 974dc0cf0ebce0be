-- SPDX-License-Identifier: MIT
-- A credential in SMBIOS OEM strings, where systemd looks from 254 on
-- (systemd.system-credentials(7)). QEMU reads it from a file, so that no command line holds it.
local kind = require "lunik.schema.kind"

local systemd = {
  doc = "handed over in SMBIOS OEM strings; systemd 254 or later",
  no_plug = "is for the start of the guest",
  fork = "share",
}

-- systemd's own rule, but for what a path could mean (credential_name_valid)
local name = { name = "credential", expects = "a name such as ssh.authorized_keys.root" }

function name.read(value)
  local fits = type(value) == "string" and #value <= 255 and value:find "^[%w_][%w_.-]*$"
  if fits then return value end
  return nil, name.expects .. " expected, got " .. kind.show(value)
end

-- All of a machine's together: SeaBIOS takes more without a word, and the guest of a PC that boots
-- a kernel with an initrd finds its ACPI tables overwritten (lunik.machine.look.boot).
systemd.longest = 8 << 10

local value = { name = "secret", expects = "text" }

function value.read(given)
  if type(given) == "string" then return given end
  return nil, "text expected, got a " .. type(given)
end

-- Why so many bytes of credentials are too many | nil
function systemd.beyond(bytes)
  if bytes <= systemd.longest then return nil end
  return ("all credentials have %d bytes together; there is room for %d"):format(bytes,
    systemd.longest)
end

systemd.fields = {
  { "name", kind = name, required = true, example = 'name = "motd", value = "hello"',
    doc = "what systemd calls it" },
  { "value", kind = value, secret = true, example = 'name = "motd", value = "hello"',
    doc = "what it is; a text" },
  { "file", kind = kind.path "file", example = 'name = "motd", file = "motd.txt"',
    doc = "what it is: a file, read at the start" },
}

local has_smbios = { x86_64 = true, i386 = true, aarch64 = true }

-- Whether a machine has SMBIOS tables.
function systemd.fits(machine)
  return has_smbios[machine.arch] and not (machine.type or ""):find "^microvm"
end

-- Why a machine has none.
function systemd.why_not(machine)
  return ("needs SMBIOS, which %s has not"):format(has_smbios[machine.arch]
    and "the machine type microvm" or "a guest of " .. machine.arch)
end

function systemd.check(one)
  if (one.value == nil) == (one.file == nil) then
    return nil, nil, "value or file expected, one of them"
  end
  return true
end

function systemd.join(_, machine)
  if systemd.fits(machine) then return true end
  return nil, nil, systemd.why_not(machine)
end

function systemd.emit(plan, one)
  plan:credential { name = one.name, text = one.value, file = one.file }
end

return systemd
