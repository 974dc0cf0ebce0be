-- SPDX-License-Identifier: MIT
-- Boot mounts for guests with systemd: lines for /etc/fstab as the credential
-- "fstab.extra", handed over in SMBIOS OEM strings (systemd.system-credentials(7),
-- from systemd 254 on; other guests ignore them).
local base64 = require "lunik.text.base64"
local qemu = require "lunik.qemu"

local credential = {}

-- fstab(5): blanks and backslashes in a field are octal escapes.
local function field(text)
  return (text:gsub("[%s\\]", function(c) return ("\\%03o"):format(c:byte()) end))
end

local function line(mount)
  local options = { table.unpack(mount.options or {}) }
  table.move({ mount.readonly and "ro" or "rw", "nofail" }, 1, 2, #options + 1, options)
  return ("%s %s %s %s 0 0\n"):format(field(mount.source or mount.tag), field(mount.to),
    mount.type, table.concat(options, ","))
end

local TOLD = { doc = "a guest with systemd to be told where it mounts them" }

local function askers(plan)
  local list = {}
  for _, one in ipairs(plan.machine.items) do
    local share = one.share
    if share and share.to then
      list[#list + 1] = { about = one.family, kind = one.kind, at = one.at }
    end
  end
  return list
end

local has_smbios = { x86_64 = true, i386 = true, aarch64 = true }

-- Adds the credential to the plan when there is something to mount.
function credential.add(plan, machine)
  local lines = {}
  for i, mount in ipairs(plan.guest.mounts) do lines[i] = line(mount) end
  if #lines == 0 or not has_smbios[machine.arch] then return end
  plan.origin = { need = TOLD, askers = askers(plan) }
  plan:add(qemu.smbios { type = 11,
    value = "io.systemd.credential.binary:fstab.extra=" .. base64.encode(table.concat(lines)) })
end

return credential
