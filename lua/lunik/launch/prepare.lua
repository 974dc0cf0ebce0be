-- SPDX-License-Identifier: MIT
-- Makes what QEMU needs before it starts: files and helpers, all at once.
local files = require "lunik.process.files"
local guest_state = require "lunik.store.guest_state"
local helper = require "lunik.process.helper"
local overlays = require "lunik.store.overlays"
local together = require "lunik.async.together"

-- What is needed only once QEMU runs is loaded while other programs are at work.
local function load_rest()
  return require "lunik.launch.qemu" and require "lunik.vm"
end

-- What the guest keeps beside the disk of its system is no good for one that is made anew.
local function forget(guest)
  for _, path in ipairs(guest.state or {}) do
    local ok, why = guest_state.remove(path)
    if not ok then return nil, why end
  end
  return true
end

-- What few machines have is loaded for those.
local makers = { seed = "lunik.launch.seed", credential = "lunik.launch.credential",
                 commit = "lunik.vm.overdue" }

local function create(ctx, file)
  if makers[file.kind] then return require(makers[file.kind]).create(ctx, file) end
  local ok, why = files.create(ctx, file)
  if ok and file.system and why ~= "there" then ok, why = forget(ctx.plan.guest) end
  if ok then ok, why = overlays.note(ctx.plan, file) end
  return ok, why
end

-- A job that does one step after the other.
local function in_turn(steps)
  return function()
    for _, step in ipairs(steps) do
      local ok, why = step()
      if not ok then return nil, why end
    end
    return true
  end
end

-- Files are made while the helpers start: neither waits for the other. What belongs to the disk of
-- the guest's system (`of_disk`, a seed) waits for that: if it is made anew, the rest is, too.
return function(ctx)
  local jobs, system, behind = {}, {}, {}
  local function add(row, step)
    if row.of_disk or row.kind == "seed" then
      behind[#behind + 1] = step
    elseif row.system then
      system[#system + 1] = step
    else
      jobs[#jobs + 1] = step
    end
  end
  for _, file in ipairs(ctx.plan.files) do
    add(file, function() return create(ctx, file) end)
  end
  for i, row in ipairs(ctx.plan.helpers) do
    add(row, function()
      local running, why = helper.start(ctx, row)
      ctx.helpers[i] = running
      return running, why
    end)
  end
  table.move(behind, 1, #behind, #system + 1, system)
  -- first what takes longest: a program makes the disk's overlay
  if system[1] then table.insert(jobs, 1, in_turn(system)) end
  jobs[#jobs + 1] = load_rest
  return together(ctx.loop, jobs)
end
