-- SPDX-License-Identifier: MIT
-- Finds out whether KVM is usable, by trying: some hosts open /dev/kvm and then crawl. A success is
-- remembered for this boot. After a failure it is tried again, since that may have been a busy
-- moment or a missing permission; but not while a module of the kernel is loaded that explains it.
local cache = require "lunik.host.cache"
local core = require "lunik.core"
local errno = require "posix.errno"
local facts = require "lunik.host.facts"

local function boot()
  return (facts.head("/proc/sys/kernel/random/boot_id", 64) or ""):match "^[%x-]+"
end

-- A module of the host kernel that is known to run guests by emulation; the verdict stays
-- the trial's, the name goes into the message.
local function culprit()
  if facts.kind "/sys/module/kvm_intel" or facts.kind "/sys/module/kvm_amd" then return nil end
  return facts.kind "/sys/module/kvm_pvm" and "kvm_pvm" or nil
end

-- Returns true, or nil and why not.
return function()
  local module = culprit()
  local key = ("kvm-%s-%s"):format(boot() or "unknown", module or "usual")
  local known = facts.kind "/dev/kvm" and boot() and cache.get(key)
  if known == "works" then return true end
  if known and module then return nil, known end
  local works, why, code = core.kvm.probe(2)
  if works then
    cache.put(key, "works")
    return true
  end
  if not module then return nil, why end
  why = ("%s; the host's module is %s"):format(why, module)
  if code == errno.EOPNOTSUPP or code == errno.ETIMEDOUT then cache.put(key, why) end
  return nil, why
end
