-- SPDX-License-Identifier: MIT
-- Credentials on the command line: the recipe's own by files, which the start makes; and the boot
-- mounts as lines for /etc/fstab, "fstab.extra", for guests with systemd 254 or later. Where the
-- recipe has such lines, too, they are one credential.
local base64 = require "lunik.text.base64"
local qemu = require "lunik.qemu"
local systemd = require "lunik.device.credential.systemd"

local credential = {}

local FSTAB = "fstab.extra"

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
    local share = plan.shares[one]
    if share and share.to then
      list[#list + 1] = { about = one.family, kind = one.kind, at = one.at }
    end
  end
  return list
end

-- The lines of the mounts that nobody else tells the guest of | nil
local function fstab(plan, machine)
  local lines = {}
  for i, mount in ipairs(plan.guest.mounts) do lines[i] = line(mount) end
  if #lines == 0 or plan.guest.seeded or not machine.defaults or not systemd.fits(machine) then
    return nil
  end
  return table.concat(lines)
end

-- Adds the credentials to the plan.
function credential.add(plan, machine)
  local mounts = fstab(plan, machine)
  for i, one in ipairs(plan.credentials) do
    if one.name == FSTAB then one.more, mounts = mounts, nil end
    one.path = plan:runtime_file("credential-" .. i)
    plan.origin = plan.origins[one]
    plan:file { kind = "credential", path = one.path, name = one.name }
    plan:add(qemu.smbios { type = 11, path = one.path })
  end
  if not mounts then return end
  plan.origin = { need = TOLD, askers = askers(plan) }
  plan:add(qemu.smbios { type = 11,
    value = "io.systemd.credential.binary:" .. FSTAB .. "=" .. base64.encode(mounts) })
end

return credential
