-- SPDX-License-Identifier: MIT
-- A running machine as data: what `lunik status` and `lunik ls` show.
local core = require "lunik.core"
local printable = require "lunik.text.printable"

local status = {}

local array = core.json.array

-- How a machine ended, as data.
function status.how(how)
  local lines = {}
  for i, line in ipairs(how.lines or {}) do lines[i] = printable(line) end
  return { kind = how.kind, text = printable(how.text), code = how.code, status = how.status,
           signal = how.signal, lines = array(lines) }
end

-- Bytes of a process that are in memory, proc(5) | nil
function status.resident(pid)
  local file = io.open(("/proc/%d/status"):format(pid))
  if not file then return nil end
  local _ <close> = file
  local kilobytes = (file:read "a" or ""):match "VmRSS:%s+(%d+)"
  return kilobytes and math.tointeger(kilobytes) << 10
end

local function state(vm)
  if vm.ladder.asked > 0 then return "stopping" end
  return vm.paused and "paused" or "running"
end

local function helpers(vm)
  local list = array {}
  for i, helper in ipairs(vm.helpers) do
    list[i] = { name = helper.name, kind = helper.kind, pid = helper:pid(),
                alive = not helper.ended:is_set() }
  end
  return list
end

local SHOWN = { "tag", "from", "to", "why" }

local function mounts(vm)
  local list = vm:mounts()
  for _, mount in ipairs(list) do
    for _, key in ipairs(SHOWN) do mount[key] = mount[key] and printable(mount[key]) end
  end
  return list
end

-- `facts`: recipe, began (seconds of the epoch), supervisor (its number), logs (a folder).
function status.of(vm, facts)
  local pid = vm.qemu:pid()
  return {
    lunik = 1, name = vm.name, id = vm.id, state = state(vm), ready = vm:is_now_ready(),
    problem = vm.seen.late, began = facts.began, uptime = os.time() - facts.began,
    recipe = facts.recipe and printable(facts.recipe), logs = printable(facts.logs),
    supervisor = { pid = facts.supervisor, adopted = vm.adopted or false },
    qemu = { pid = pid },
    memory = { configured = vm.plan.memory, resident = pid and status.resident(pid) },
    forwards = array(vm:forwards()), mounts = mounts(vm), helpers = helpers(vm),
  }
end

return status
