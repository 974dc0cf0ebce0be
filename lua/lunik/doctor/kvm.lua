-- SPDX-License-Identifier: MIT
-- KVM: whether it is there, may be used, and works; and whether guests have it in their turn.
local distribution = require "lunik.doctor.distribution"

local DEVICE = "/dev/kvm"

local function module(host)
  for _, name in ipairs { "kvm_intel", "kvm_amd" } do
    if host.kind("/sys/module/" .. name) then return name end
  end
end

-- The module that this processor takes | nil
local function wanted(host)
  local flags = host.head("/proc/cpuinfo", 1 << 14) or ""
  if flags:find "%f[%w]vmx%f[%W]" then return "kvm_intel" end
  if flags:find "%f[%w]svm%f[%W]" then return "kvm_amd" end
end

local function look_at_module(host, say)
  local name = wanted(host)
  if name then
    say("warn", ("no %s: guests are emulated, and slow; the module %s is not loaded"):format(DEVICE,
      name), distribution.as_root(host, "modprobe " .. name))
  else
    say("warn", ("no %s, and no processor that has virtualization on: guests are emulated, and "
      .. "slow; the firmware's setup, or the outer machine's, may turn it on"):format(DEVICE))
  end
end

local function look_at_nested(host, say)
  local name = module(host)
  local value = name and host.head(("/sys/module/%s/parameters/nested"):format(name), 8)
  if not value then return end
  if value:find "^[Y1]" then
    say("ok", "guests can use KVM themselves (nested)")
  else
    say("warn", "guests cannot use KVM themselves (nested)", distribution.to_file(host,
      ("options %s nested=1"):format(name), "/etc/modprobe.d/kvm.conf"))
  end
end

return { name = "kvm", doc = "hardware acceleration", look = function(host, say)
  if not host.kind(DEVICE) then return look_at_module(host, say) end
  if not host.may(DEVICE, "rw") then
    say("warn", ("%s may not use %s: guests are emulated, and slow"):format(host.user, DEVICE),
      distribution.join(host, "kvm"))
    return
  end
  local works, why = host.kvm()
  if not works then
    say("warn", "KVM does not work: " .. why)
    return
  end
  say("ok", "KVM works")
  look_at_nested(host, say)
end }
