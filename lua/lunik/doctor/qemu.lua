-- SPDX-License-Identifier: MIT
-- The QEMU of this host's architecture, and those of others.
local distribution = require "lunik.doctor.distribution"

local OLDEST = { 7, 2 }    -- what the rows of lunik.qemu begin with

local function is_older(version)
  local major, minor = version:match "^(%d+)%.(%d+)"
  major, minor = math.tointeger(major), math.tointeger(minor)
  return major and (major < OLDEST[1] or major == OLDEST[1] and minor < OLDEST[2])
end

-- The architectures that there is a QEMU for, but for the host's own.
local function others(host)
  local list, seen = {}, { [host.arch] = true }
  for folder in (host.env "PATH" or "/usr/bin:/bin"):gmatch "[^:]+" do
    for _, file in ipairs(host.list(folder)) do
      local arch = file:match "^qemu%-system%-([%w_]+)$"
      if arch and not seen[arch] then list[#list + 1], seen[arch] = arch, true end
    end
  end
  table.sort(list)
  return list
end

return { name = "qemu", doc = "QEMU's programs", look = function(host, say)
  local name = "qemu-system-" .. host.arch
  local path = host.program(name)
  local version = path and host.version_of(path)
  if not path then
    say("fail", name .. " is not in PATH", distribution.install(host, "qemu"))
  elseif not version then
    say("fail", path .. " does not say its version", path .. " --version")
  elseif is_older(version) then
    say("warn", ("%s is version %s; lunik knows %d.%d and later"):format(path, version,
      table.unpack(OLDEST)), distribution.install(host, "qemu"))
  else
    say("ok", ("%s, version %s"):format(path, version))
  end
  local list = others(host)
  if #list > 0 then say("ok", "for other architectures: " .. table.concat(list, ", ")) end
end }
