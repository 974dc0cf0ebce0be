-- SPDX-License-Identifier: MIT
-- What lunik.hotplug knows of its machine, and what it may do there: the one place where the two
-- meet. Steps of a plug, device rows (`no_unplug`) and needs (`late`) are given this, and no vm.
local defer = require "lunik.async.defer"
local slice = require "lunik.async.slice"

local hotplug_context = {}

local PATIENCE = 30        -- seconds for a policy

-- The helpers of the machine.
local function processes(vm)
  local out = {}

  -- The process of that name | nil
  function out.find(name)
    for _, helper in ipairs(vm.helpers) do
      if helper.name == name then return helper end
    end
  end

  -- One has come with a device; from here on its end is heard of.
  function out.add(helper) vm:with_helper(helper) end

  -- One is about to go: its end is no news.
  function out.remove(helper) vm:without_helper(helper) end

  -- Ends one that the machine's start has left to us: true | nil, why
  function out.finish(helper) return vm:end_helper(helper) end

  return out
end

-- The forwards of the machine, and the user networks that further ones can lead through.
local function forwards(vm)
  local out = {}

  function out.find(name) return vm:find_forward(name) end
  function out.add(forward) table.insert(vm.bound, forward) end
  function out.add_network(id) table.insert(vm.plan.networks, id) end

  -- A network has gone, and every forward through it.
  function out.drop_network(id)
    for i = #vm.bound, 1, -1 do
      if vm.bound[i].netdev == id then table.remove(vm.bound, i) end
    end
    for i = #vm.plan.networks, 1, -1 do
      if vm.plan.networks[i] == id then table.remove(vm.plan.networks, i) end
    end
  end

  return out
end

-- What is asked of a guest that can be asked, fn(), as long as it is not paused: what that returns
-- | nil, why, "later"
local function until_paused(vm, fn)
  if not vm.guest:reachable() then return fn() end
  local paused
  local asking = vm.loop:spawn("ask", fn)
  local watching = vm.loop:spawn("paused", function()
    while not vm.paused do vm.guest.changed:wait() end
    if asking.finished:is_set() then return end
    paused = vm:why_silent()
    -- an answer that still comes is nobody's
    if vm.guest.agent then vm.guest.agent:lost() end
    asking:cancel()
  end)
  local _ <close> = defer(function()
    asking:cancel()
    watching:cancel()
  end)
  local ran, found, why, code = asking:join()
  if paused then return nil, paused, "later" end
  if not ran then error(found, 0) end
  return found, why, code
end

-- Gives what is asked of the guest.
local function guest(vm)
  local out = {}

  -- Why a guest that could be asked does not answer, as far as is known | nil
  local function silent()
    return vm.guest:reachable() and vm:why_silent() or nil
  end

  -- A share that is to be mounted at each boot from now on, and one that is not any more.
  function out.add(share) return vm.guest:add(share) end
  function out.remove(mounted) vm.guest:remove(mounted) end

  -- Mounts one that was added: what was found | nil, why, "by hand" or "later". A guest that is
  -- paused, or is meanwhile, as by a disk that is full, mounts it once it goes on.
  function out.settle(mounted, seconds)
    local paused = silent()
    if paused then return nil, paused, "later" end
    return until_paused(vm, function() return vm.guest:settle(mounted, seconds) end)
  end

  -- Unmounts a share: true | nil, why, true where somebody uses it
  function out.unmount(share, force)
    local paused = silent()
    if paused then return nil, paused end
    return vm.guest:unmount(share, force)
  end

  -- Whether nobody there uses a share: true | nil, why, true where somebody does
  function out.is_free(share) return vm.guest:is_free(share) end

  -- Runs a script of its shell: { status, out, err } | nil, why, code
  function out.run_script(script, seconds, arguments)
    return vm.guest:run_as_root(script, arguments or {}, seconds)
  end

  -- Why it cannot be asked anything now | nil
  function out.silent()
    if not vm.guest:reachable() then return "there is no agent {} and no ssh {} in its recipe" end
    return silent() or not out.answers() and "it does not answer" or nil
  end

  -- Whether it would answer now, as far as is known.
  function out.answers()
    local there = vm.guest
    return there:reachable() and (there.alive or vm.plan.guest.ssh ~= nil)
  end

  -- Waits for one whose agent should just be there.
  function out.await(seconds)
    if vm.guest.agent and not vm.guest.alive then vm.guest:wait(seconds) end
  end

  -- What its agent was asked may still be answered, and nobody waits for that any more.
  function out.give_up()
    if vm.guest.agent then vm.guest.agent:lost() end
  end

  return out
end

-- What a step of a start takes (lunik.launch.context), for what comes later: descriptors are
-- opened, files made and helpers started by it, and `started` takes them back.
local function launching(vm, descriptors, started)
  local plan = setmetatable({ descriptors = descriptors }, { __index = vm.plan })
  return setmetatable({ plan = plan, started = started, connections = {} },
                      { __index = vm.context })
end

-- `policies`: { family, fn, at } in written order
function hotplug_context.new(vm, policies)
  return {
    loop = vm.loop, monitor = vm.monitor, plan = vm.plan, ports = vm.plan.ports or {},
    guest = guest(vm), policies = policies or {},
    processes = processes(vm), forwards = forwards(vm),
    launching = function(descriptors, started) return launching(vm, descriptors, started) end,
    -- what a policy makes of a request: true, an answer, why | false, why it could not be asked
    decide = function(policy, view)
      return slice.call(vm.loop, PATIENCE, policy.fn, vm.handle, view)
    end,
    -- `fn(event)` hears of every event of QEMU; it must not wait
    listen = function(fn) vm:listen(fn) end,
    tell = function(kind, text) vm:tell(kind, text) end,
    record = function() return vm:record() end,
    stop = function(reason) vm:stop(reason) end,
    is_ending = function() return vm.seen.shutdown ~= nil or vm.qemu.ended:is_set() end,
  }
end

return hotplug_context
