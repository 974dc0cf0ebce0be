-- SPDX-License-Identifier: MIT
-- Takes over a running machine whose supervisor has died: its processes are found by the id
-- they carry, whether or not they had been recorded, and held by pidfd; how they end cannot be
-- known any more, since they are nobody's children here.
local core = require "lunik.core"
local child = require "lunik.process.child"
local forwards = require "lunik.qmp.forwards"
local qemu = require "lunik.launch.qemu"
local orphans = require "lunik.process.orphans"
local locks = require "lunik.store.locks"

local adopt = {}

local GONE = "QEMU is gone"

local PATIENCE = 5
local ENDING = 1           -- seconds for QEMU to be gone that has closed its monitor

-- The leading process of each part, by name; the other handles are closed.
local function parts_of(id)
  local parts = {}
  for _, one in ipairs(orphans.find(id)) do
    if one.leads and one.part and not parts[one.part] then
      parts[one.part] = one
    else
      one.proc:close()
    end
  end
  return parts
end

local function take(ctx, parts, name, log)
  local found = parts[name]
  parts[name] = nil
  return child.adopt(ctx.loop, { name = name, proc = found and found.proc, log = log }, ctx.started)
end

-- The helpers that should be there: those of devices come and go with them.
local function helpers_of(ctx)
  local list, of_device = {}, {}
  for _, device in ipairs(ctx.plan.devices or {}) do
    if device.helper then of_device[device.helper.name] = true end
  end
  for _, helper in ipairs(ctx.plan.helpers) do
    if not of_device[helper.name] then list[#list + 1] = helper end
  end
  for _, device in ipairs(ctx.known) do
    if device.helper and device.state ~= "dead" then list[#list + 1] = device.helper end
  end
  return list
end

local function children(ctx)
  local parts = parts_of(ctx.id)
  if not parts.qemu then return nil, GONE end
  ctx.qemu = take(ctx, parts, "qemu", ctx.plan.logs.qemu)
  for i, helper in ipairs(helpers_of(ctx)) do
    ctx.helpers[i] = take(ctx, parts, helper.name, helper.log)
    ctx.helpers[i].means, ctx.helpers[i].kind = helper.means, helper.kind
  end
  for _, left in pairs(parts) do left.proc:close() end
  return true
end

local function connect(ctx)
  for path, name in pairs(ctx.wanted) do
    local chan, why = core.chan.connect(path, PATIENCE)
    if not chan then return nil, why end
    ctx.channels[name] = chan
    ctx.started:closing(chan)
  end
  return true
end

-- The forwards as they were last known, those that were added included.
local function known_forwards(ctx, record)
  local text, why = ctx.monitor:exec("human-monitor-command", { ["command-line"] = "info usernet" })
  if not text then return nil, why end
  local found = {}
  for _, one in ipairs(record.forwards or {}) do
    local there = forwards.match({ one }, text)
    found[#found + 1] = there and there[1]
  end
  return found
end

-- Fills a context (lunik.launch) with what runs: true | nil, why, and true where QEMU is gone.
function adopt.fill(ctx, record)
  ctx:is_machine(record.id)
  ctx.ready, ctx.clock, ctx.about.began = record.ready, record.began, record.began
  ctx.known, ctx.saving, ctx.doing = record.devices or {}, record.saving, record.doing
  local ok, why = children(ctx)
  if not ok then return nil, why, true end
  ok, why = connect(ctx)
  if ok then ctx.monitor, why = qemu.greet(ctx, ctx.qemu, {}) end
  if ctx.monitor then ctx.forwards, why = known_forwards(ctx, record) end
  if ctx.forwards then return true end
  if ctx.qemu.ended:wait(ENDING) then return nil, GONE, true end
  return nil, why
end

-- Removes what a machine that has ended unseen has left; the claim is given up with it.
function adopt.bury(ctx, record)
  local ok, why = orphans.finish(ctx.loop, record.id)
  if ok then ok, why = locks.yield(ctx.plan, ctx.claim) end
  return ok, why
end

return adopt
