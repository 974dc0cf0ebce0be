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
  local options = mount.type == "9p" and "trans=virtio,version=9p2000.L,msize=262144," or ""
  return ("%s %s %s %s%s,nofail 0 0\n"):format(field(mount.tag), field(mount.to), mount.type,
    options, mount.readonly and "ro" or "rw")
end

local has_smbios = { x86_64 = true, i386 = true, aarch64 = true }

-- Adds the credential to the plan when there is something to mount.
function credential.add(plan, machine)
  local lines = {}
  for i, mount in ipairs(plan.guest.mounts) do lines[i] = line(mount) end
  if #lines == 0 or not has_smbios[machine.arch] then return end
  plan:add(qemu.smbios { type = 11,
    value = "io.systemd.credential.binary:fstab.extra=" .. base64.encode(table.concat(lines)) })
end

return credential
