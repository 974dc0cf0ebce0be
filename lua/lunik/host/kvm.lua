-- SPDX-License-Identifier: MIT
-- Is KVM usable here? Tried, since some hosts open /dev/kvm and then crawl. "Works" is
-- remembered for this boot; a failure never is, it may have been a busy moment.
local core = require "lunik.core"
local host = require "lunik.host"

local function memory_file()
  local boot = (host.head("/proc/sys/kernel/random/boot_id", 64) or ""):match "^[%x-]+"
  return boot and ("%s/kvm-works-%s"):format(host.cache, boot)
end

local function remember(path)
  local stat = require "posix.sys.stat"
  stat.mkdir(host.cache:match "^(.*)/[^/]*$", tonumber("755", 8))
  stat.mkdir(host.cache, tonumber("700", 8))
  local file = path and io.open(path, "w")
  if file then file:close() end
end

-- A module of the host kernel that is known to run guests by emulation: its name, for
-- the message; the verdict stays the trial's.
local function culprit()
  if host.kind "/sys/module/kvm_intel" or host.kind "/sys/module/kvm_amd" then return "" end
  return host.kind "/sys/module/kvm_pvm" and "; the host's module is kvm_pvm" or ""
end

-- Returns true, or nil and why not.
return function()
  local path = memory_file()
  if path and host.kind(path) == "file" and host.kind "/dev/kvm" then return true end
  local works, why = core.kvm.probe(2)
  if not works then return nil, why .. culprit() end
  remember(path)
  return true
end
