-- SPDX-License-Identifier: MIT
-- Runs what a recipe does by itself while its machine runs: every(seconds, fn), watch(dir, fn), by
-- inotify(7). Each has a task of its own, in which one call follows the other.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local errno = require "posix.errno"

local timers = {}

local function call(vm, entry, ...) vm.dispatch:routine(entry, vm.handle, ...) end

local points = {}

-- A call that takes longer than the interval is not overtaken by the next one.
function points.every(vm, entry)
  local due = vm.loop.now()
  while true do
    due = math.max(due + entry.seconds, vm.loop.now())
    vm.loop:sleep(due - vm.loop.now())
    call(vm, entry)
  end
end

local EVENTS = "create,delete,moved_to,moved_from,close_write,delete_self,move_self"

-- inotify's word for what happened to something in the folder, and ours
local KINDS = { { "create", "created" }, { "moved_to", "created" }, { "delete", "deleted" },
                { "moved_from", "deleted" }, { "close_write", "written" } }

local function change_of(entry, event)
  for _, kind in ipairs(KINDS) do
    if event.mask[kind[1]] then
      return { kind = kind[2], name = event.name, path = entry.dir .. "/" .. event.name,
               directory = event.mask.isdir or false }
    end
  end
  -- more happened than could be kept: what is there has to be looked at anew
  if event.mask.q_overflow then return { kind = "overflow", path = entry.dir } end
end

-- Hands on what happens, until the folder itself is gone: why
local function hear(vm, entry, watch)
  while true do
    local event, why, code = watch:next(0)
    if event and (event.mask.delete_self or event.mask.move_self) then return "it is gone" end
    local change = event and change_of(entry, event)
    if change then call(vm, entry, change) end
    if not event and code ~= errno.ETIMEDOUT then return why end
    if not event then vm.loop:wait(watch:fd(), "r") end
  end
end

function points.watch(vm, entry)
  local watch, why = core.watch.open()
  local _ <close> = defer(function() if watch then watch:close() end end)
  local ok
  if watch then ok, why = watch:add(entry.dir, EVENTS) end
  if ok then why = hear(vm, entry, watch) end
  vm:tell("problem", ("%s: watch: %s is not watched any more: %s"):format(entry.at, entry.dir, why))
end

-- The works of a machine's hooks that are routines: { name, fn(vm, entry), entry } each.
function timers.of(hooks)
  local list = {}
  for _, entry in ipairs(hooks or {}) do
    local work = points[entry.point]
    if work then list[#list + 1] = { name = entry.point, work = work, entry = entry } end
  end
  return list
end

return timers
