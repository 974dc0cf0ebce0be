-- SPDX-License-Identifier: MIT
-- When a machine counts as ready: one row per kind of `ready =`.
local defer = require "lunik.async.defer"
local slice = require "lunik.async.slice"

-- What few machines have is loaded for those.
local function provision() return require "lunik.vm.provision" end

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

-- The guest answers, by whatever road.
local function guest_answers(vm, seconds)
  if vm.guest.agent then return vm.guest:wait(seconds) end
  return vm.guest.poller:wait(seconds)
end

ready.kinds["cloud-init"] = function(vm, _, seconds)
  local ends = vm.loop.now() + seconds
  local ok, why, code = guest_answers(vm, seconds)
  if not ok then return nil, why, code end
  return require "lunik.vm.cloud_init".wait(vm, math.max(1, ends - vm.loop.now()))
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

local function wait(vm)
  local spec = vm.plan.ready
  return ready.kinds[spec.kind](vm, spec, spec.timeout or DEFAULT)
end

-- The same, where a sign on the console that the guest will not come up ends it: true | nil, why,
-- and the sign (lunik.vm.console.signs)
local function wait_and_watch(vm)
  if not vm.console then return wait(vm) end
  local over = vm.loop:latch()
  local watcher = require "lunik.vm.console.signs".watch(function(sign)
    over:set(true, nil, ("%s: %s"):format(sign.name, sign.line), sign)
  end, vm.plan.signs)
  local listener = vm.console:listen(function(bytes) watcher:hear(bytes) end)
  local task = vm.loop:spawn("wait", function()
    local ran, ok, why = pcall(wait, vm)
    over:set(ran, ok, why)
  end)
  local _ <close> = defer(function()
    vm.console:unlisten(listener)
    task:cancel()
  end)
  local ran, ok, why, sign = over:wait()
  if not ran then error(ok, 0) end
  return ok, why, sign
end

-- What whoever started the machine is told once it is ready, or stays paused.
local function welcome(vm)
  if not vm.context.paused then
    return ("ready after %.1f s"):format(vm.loop.now() - vm.began)
  end
  local gdb = vm.plan.gdb
  return gdb and "paused, and waits for gdb: " .. gdb or "paused, until it is resumed"
end

-- What only a template needs.
local function template() return require "lunik.vm.template" end

-- Why the machine is not ready is told; `kind` is one of lunik.vm.outcome's.
local function fail(vm, why, kind)
  if vm.plan.template then return template().give_up(vm, why, kind) end
  vm.seen.late, vm.seen.unready = why, kind
  vm:tell("problem", why)
  vm.is_ready:set(nil, why)
end

local function succeed(vm)
  if vm.is_ready:is_set() then vm.is_ready = vm.loop:latch() end
  vm.seen.late, vm.seen.unready = nil, nil
  vm.is_ready:set(true)
  vm.context.ready = true
  vm.context.timeline:finish()
  vm:record()
  vm:tell("ready", welcome(vm))
  vm.dispatch:fire("ready", vm.handle)
  vm.is_greeted:set(true)
end

-- What the recipe wants done in a guest that answers: a count | nil, why, code. A machine that was
-- held up by it is ready afterwards.
function ready.provision(vm, again)
  local count, why, code = provision().run(vm, again)
  if count and vm.seen.unready == "provision" then succeed(vm) end
  return count, why, code
end

-- What readiness an agent's coming does not tell of.
local ASKED = { ssh = true, console = true, ["function"] = true, ["cloud-init"] = true }

-- The guest of a machine that was ready has reset: it is waited for again, as at its start.
function ready.begin_again(vm)
  if vm.console then vm.console:forget() end
  local was = vm.is_ready:is_set() and vm.is_ready.values[1] == true
  if not was or not ASKED[vm.plan.ready.kind] then return end
  if vm.returning then vm.returning:cancel() end
  vm.returning = vm.loop:spawn_for(vm.problem, "ready again", function()
    local ok, why, sign = wait_and_watch(vm)
    if sign then vm.dispatch:post("panic", vm.handle, sign) end
    if not ok then return vm.problem("not ready again after a reset: " .. why) end
    vm.returning = nil
    vm.guest.changed:fire()
  end)
end

local function is_provisioned(vm)
  for _, entry in ipairs(vm.context.hooks or {}) do
    if entry.point == "provision" then return true end
  end
  return false
end

-- What the recipe wants done once: a count | nil, why. The guest is waited for, whatever `ready =`
-- has waited for.
local function first_provision(vm)
  if vm.context.paused or not is_provisioned(vm) then return 0 end
  local ok, why = guest_answers(vm, vm.plan.ready.timeout or DEFAULT)
  if not ok then return nil, "provision: " .. why end
  return provision().run(vm)
end

local KEPT = "; until it answers its disks are what was saved: what it writes is kept apart, and "
  .. "lost where it ends before"

-- Waits for the guest of a machine that goes on; one that is late is waited for all the same.
local function await_again(vm, saved)
  if vm.context.paused or not vm.guest:reachable() then return end
  vm.guest:restarted(true)             -- its agent was there, and has no reason to say so
  local ok, why = guest_answers(vm, vm.plan.ready.timeout or DEFAULT)
  if ok then return end
  fail(vm, ("not ready in time: %s%s"):format(why, saved.again and "" or KEPT), "deadline")
  repeat until guest_answers(vm, DEFAULT)
  vm.is_ready = vm.loop:latch()
  vm.seen.late, vm.seen.unready = nil, nil
end

-- The same for a machine that goes on from where it was saved.
local function become_again(vm, saved)
  if saved.fork then require "lunik.vm.forked".begin(vm) end
  await_again(vm, saved)
  local ok, why = require "lunik.vm.restore".finish(vm, saved)
  if not ok then return require "lunik.vm.forked".give_up(vm, why) end
  local whole, left = true, nil
  if not saved.again then whole, left = require "lunik.vm.commit".run(vm, saved) end
  if not whole then vm:tell("problem", left) end
  vm.is_ready:set(true)
  vm.context.ready, vm.context.doing = true, nil
  vm.context.timeline:finish()
  vm:record()
  vm:tell("ready", ("%s after %.1f s"):format(saved.fork and "forked" or "restored",
    vm.loop.now() - vm.began))
  vm.dispatch:fire(saved.fork and "forked" or "restored", vm.handle, saved.dir)
  if saved.fork and saved.fork.template then vm.dispatch:fire("ready", vm.handle) end
  vm.is_greeted:set(true)
  if saved.fork and vm.renewed then require "lunik.vm.forked".rest(vm, vm.renewed) end
end

-- A machine that stayed paused when it was restored runs now.
function ready.go_on(vm)
  vm.is_stale = nil
  vm.loop:spawn_for(vm.problem, "going on", function()
    if vm.guest:reachable() then
      vm.guest:restarted(true)
      local ok, why = guest_answers(vm, vm.plan.ready.timeout or DEFAULT)
      if not ok then return vm.problem("nothing is renewed in the guest: " .. why) end
    end
    require "lunik.vm.restore".renew(vm)
    if vm.plan.saved.fork then require "lunik.vm.forked".rest(vm, vm.renewed) end
  end)
end

-- A task's work: waits until the machine is ready, and says so.
function ready.become(vm)
  if vm.plan.saved then return become_again(vm, vm.plan.saved) end
  local ok, why, sign = wait_and_watch(vm)
  if sign then
    vm.seen.sign, vm.seen.sign_lines = why, sign.lines
    vm.dispatch:post("panic", vm.handle, sign)
    return fail(vm, "not ready: " .. why, "panic")
  elseif not ok then
    return fail(vm, "not ready in time: " .. why, "deadline")
  end
  ok, why = first_provision(vm)
  if not ok then return fail(vm, why, "provision") end
  if vm.plan.template then return template().make(vm) end
  succeed(vm)
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
