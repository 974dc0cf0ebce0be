-- SPDX-License-Identifier: MIT
-- UEFI firmware, by QEMU's descriptors (docs/interop/firmware.json), for this architecture.
local core = require "lunik.core"
local distribution = require "lunik.doctor.distribution"

local MOST = 1 << 16

local function folders(host)
  return { host.home .. "/.config/qemu/firmware", "/etc/qemu/firmware",
           "/usr/share/qemu/firmware" }
end

local function member(value, ...)
  for _, name in ipairs { ... } do value = type(value) == "table" and value[name] or nil end
  return value
end

-- The file of a descriptor that is for this architecture | nil
local function file_of(text, arch)
  local found = text and core.json.decode(text)
  local targets = member(found, "targets")
  for _, target in ipairs(type(targets) == "table" and targets or {}) do
    if member(target, "architecture") == arch then
      return member(found, "mapping", "executable", "filename")
             or member(found, "mapping", "filename")
    end
  end
end

return { name = "firmware", doc = "UEFI", look = function(host, say)
  local count, lost = 0, nil
  for _, folder in ipairs(folders(host)) do
    local names = host.list(folder)
    table.sort(names)
    for _, name in ipairs(names) do
      local path = name:find "%.json$" and folder .. "/" .. name
      local file = path and file_of(host.contents(path, MOST), host.arch)
      if type(file) == "string" and host.kind(file) then count = count + 1
      elseif file then lost = lost or path end
    end
  end
  if count > 0 then
    say("ok", ("firmware for %s: %d"):format(host.arch, count))
  else
    say("warn", ("no descriptor of UEFI firmware for %s%s: machines start by QEMU's own")
      :format(host.arch, lost and ", but for that of a file that is not there: " .. lost or ""),
      distribution.install(host, "firmware"))
  end
end }
