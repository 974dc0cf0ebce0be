-- SPDX-License-Identifier: MIT
-- Makes the files of a plan, all that can be at once.
local disks = require "lunik.process.files"
local overlays = require "lunik.store.overlays"
local together = require "lunik.async.together"

local files = {}

-- What few machines have is loaded for those.
local function create(ctx, file)
  if file.kind == "seed" then return require "lunik.launch.seed".create(ctx, file) end
  if file.kind == "credential" then return require "lunik.launch.credential".create(ctx, file) end
  local ok, why = disks.create(ctx, file)
  if ok then ok, why = overlays.note(ctx.plan, file) end
  return ok, why
end

-- Makes all files; a seed is about the disks, and comes when they are there.
function files.make(ctx)
  local jobs, later = {}, {}
  for _, file in ipairs(ctx.plan.files) do
    local list = file.kind == "seed" and later or jobs
    list[#list + 1] = function() return create(ctx, file) end
  end
  local ok, why = true, nil
  if #jobs > 0 then ok, why = together(ctx.loop, jobs) end
  if ok and #later > 0 then ok, why = together(ctx.loop, later) end
  return ok, why
end

return files
