-- SPDX-License-Identifier: MIT
-- Makes the mounts of a running machine those that are wanted: what is missing is mounted, what
-- is extra is unmounted, what differs is replaced. What goes makes room first; what comes, comes
-- all at once.
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local life = require "lunik.hotplug.life"

local converge = {}

-- A mount by what it is called here: its tag, else its place on the host.
local function same(device, wanted)
  if wanted.tag then return device.share.tag == wanted.tag end
  return device.share.from == wanted.from and device.share.to == wanted.to
end

local COMPARED = { "from", "to", "readonly", "owner", "type", "devices", "suid" }
local FLAG = { readonly = true, devices = true, suid = true }

-- Whether a mount is as it is wanted; what is not said is as it likes.
local function differs(device, wanted)
  for _, key in ipairs(COMPARED) do
    local want, is = wanted[key], device.share[key]
    if key == "type" then want = wanted.kind end
    if FLAG[key] then want, is = want or false, is or false end
    if want ~= nil and want ~= is then return true end
  end
  return life.is_dead(device)
end

local function find(list, wanted)
  for _, device in ipairs(list) do
    if same(device, wanted) then return device end
  end
end

-- Lists the mounts that are to go, by name, and those that are to come.
local function plan(devices, wanted)
  local stays, goes, comes = {}, {}, {}
  for _, each in ipairs(wanted) do
    local device = find(devices, each)
    if device and not differs(device, each) then
      stays[device] = true
    else
      comes[#comes + 1] = each
    end
  end
  for _, device in ipairs(devices) do
    if not stays[device] then goes[#goes + 1] = device.id end
  end
  return goes, comes
end

-- Runs a job for each of a list, all at once: what failed, as texts.
local function together(vm, list, job)
  local tasks, failures = {}, {}
  for i, each in ipairs(list) do
    tasks[i] = vm.loop:spawn("converge", function() return job(each) end)
  end
  for _, task in ipairs(tasks) do
    local ran, ok, why = task:join()
    if not ran then error(ok, 0) end
    if not ok then failures[#failures + 1] = why end
  end
  return failures
end

-- Paths as the mounts have them: absolute, without links.
local function resolved(vm, wanted)
  local context, list = { host = host, dir = vm.plan.dir or "/" }, {}
  for i, each in ipairs(wanted) do
    local fields = {}
    for key, value in pairs(each) do fields[key] = value end
    fields.from = kind.path().read(each.from, context) or each.from
    list[i] = fields
  end
  return list
end

-- true | nil, why. `wanted`: the fields of mount {}, each.
function converge.run(vm, wanted)
  wanted = resolved(vm, wanted)
  local shares = {}
  for _, device in ipairs(vm.hotplug.devices) do
    if device.share and not device.lent then shares[#shares + 1] = device end
  end
  local goes, comes = plan(shares, wanted)
  local failures = together(vm, goes, function(id) return vm:unmount(id) end)
  if #failures == 0 then
    failures = together(vm, comes, function(fields) return vm:mount(fields) end)
  end
  if #failures == 0 then return true end
  return nil, table.concat(failures, "\n")
end

return converge
