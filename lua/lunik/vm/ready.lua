-- SPDX-License-Identifier: MIT
-- When a machine counts as ready: one row per kind of `ready =`.
local slice = require "lunik.async.slice"

local ready = {}

local DEFAULT = 300
local AGAIN = 1            -- seconds until a function that said no is asked again

-- Each waits at most `seconds`: true | nil, why
ready.kinds = {
  qmp = function() return true end,
  agent = function(vm, _, seconds) return vm.guest:wait(seconds) end,
  console = function(vm, spec, seconds) return vm.console:expect(spec.pattern, seconds) end,
}

-- With an agent as well, the mounts are tried before the machine is called ready.
function ready.kinds.ssh(vm, _, seconds)
  local ends = vm.loop.now() + seconds
  local ok, why, code = vm.guest.poller:wait(seconds)
  if ok and vm.guest.open then ok, why, code = vm.guest:wait(math.max(0, ends - vm.loop.now())) end
  return ok and true, why, code
end

-- The recipe's own word: its function is called until it returns something true.
ready.kinds["function"] = function(vm, _, seconds)
  local ends, why = vm.loop.now() + seconds
  repeat
    local left = math.max(0, ends - vm.loop.now())
    local ran, answer, reason = slice.call(vm.loop, left, vm.ready_when, vm.handle)
    if not ran then return nil, "ready function: " .. answer end
    if answer then return true end
    why = reason
    vm:sleep(math.min(AGAIN, math.max(0, ends - vm.loop.now())))
  until vm.loop.now() >= ends
  return nil, ("the ready function said no for %g seconds%s"):format(seconds,
    why and ": " .. tostring(why) or "")
end

function ready.wait(vm)
  local spec = vm.plan.ready
  return ready.kinds[spec.kind](vm, spec, spec.timeout or DEFAULT)
end

-- Waits until the machine is ready, and again, where its guest has reset: true | nil, why, and
-- ETIMEDOUT when the time is over
function ready.hold(vm, seconds)
  local ends = seconds and vm.loop.now() + seconds
  local ok, why, code = vm.is_ready:wait(seconds)
  if not ok then return nil, why, code end
  while not vm:is_now_ready() do
    if vm.ended:is_set() then return nil, "the machine has ended" end
    local _, late, timeout = vm.guest.changed:wait(ends and math.max(0, ends - vm.loop.now()))
    if timeout then return nil, late, timeout end
  end
  return true
end

return ready
