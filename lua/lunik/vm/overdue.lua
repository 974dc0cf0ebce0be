-- SPDX-License-Identifier: MIT
-- Puts into a disk what has been written above it: by a restored machine that could not put it
-- there before it ended (lunik.vm.commit), or by one that was forked and ran on (lunik.vm.fork).
-- All of it together is the disk.
local command = require "lunik.process.command"
local frozen = require "lunik.store.frozen"
local remove = require "lunik.process.remove"

local overdue = {}

local PATIENCE = 3600      -- seconds for the bytes of a disk

-- The files of several that lie one above the other (lunik.vm.layers).
local function chain(path)
  local stem, last = path:match "^(.*%.written%-)(%d+)%.qcow2$"
  if not stem then return { path } end
  local list = {}
  for number = math.tointeger(tonumber(last)), 1, -1 do
    list[#list + 1] = ("%s%d.qcow2"):format(stem, number)
  end
  return list
end

-- ctx: loop, plan, env, tell. true | nil, why
function overdue.create(ctx, file)
  local done, why = command.run(ctx.loop, { ctx.plan.qemu_img or "qemu-img", "commit", "-q", "-f",
    "qcow2", "-b", file.base, file.path }, { seconds = PATIENCE, env = ctx.env })
  if not done then return nil, why end
  if done.status ~= 0 then return nil, "qemu-img " .. command.describe(done) end
  local ok
  ok, why = frozen.thaw(file.base)
  for _, path in ipairs(chain(file.path)) do
    if ok then ok, why = remove(path) end
  end
  if not ok then return nil, why end
  ctx.tell("file", ("put %s into %s"):format(file.path, file.base))
  return true
end

return overdue
