-- SPDX-License-Identifier: MIT
-- What a recipe calls:  local sshfs = require "lunik.ext.sshfs"  … sshfs { below = "/srv" }
-- Watches what is mounted, announces SSHFS_LOST when it is gone, and is a policy: this host's own
-- directories can be mounted below one folder only.
local function known(vm, seen)
  local there = {}
  for _, one in ipairs(vm:sshfs() or {}) do there[one.to] = true end
  for to in pairs(seen) do
    if not there[to] then vm:announce("SSHFS_LOST", { to = to }) end
  end
  return there
end

return function(make, options)
  options = options or {}
  local seen, below = {}, options.below
  return make.part {
    make.every(options.every or 5, function(vm)
      if vm:is_now_ready() then seen = known(vm, seen) end
    end),
    below and make.hotplug { mount = function(_, mount)
      if mount.real ~= below and mount.real:sub(1, #below + 1) ~= below .. "/" then
        return nil, "sshfs: only below " .. below
      end
      return mount
    end } or false,
  }
end
