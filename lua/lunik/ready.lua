-- SPDX-License-Identifier: MIT
-- When a machine counts as ready: one row per kind of `ready =`.
local ssh = require "lunik.guest.ssh"

local ready = {}

local DEFAULT = 300

-- Each waits at most `seconds`: true | nil, why
ready.kinds = {
  qmp = function() return true end,
  agent = function(vm, _, seconds) return vm.guest:wait(seconds) end,
  console = function(vm, spec, seconds) return vm.console:expect(spec.pattern, seconds) end,
}

-- With an agent as well, the mounts are tried before the machine is called ready.
function ready.kinds.ssh(vm, _, seconds)
  local ends = vm.loop.now() + seconds
  local forward = vm:find_forward(vm.plan.guest.ssh.forward)
  local ok, why, code = ssh.wait(vm.loop, forward, seconds)
  if ok and vm.guest.open then ok, why, code = vm.guest:wait(math.max(0, ends - vm.loop.now())) end
  return ok and true, why, code
end

function ready.wait(vm)
  local spec = vm.plan.ready
  return ready.kinds[spec.kind](vm, spec, spec.timeout or DEFAULT)
end

return ready
