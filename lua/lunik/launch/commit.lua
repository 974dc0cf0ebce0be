-- SPDX-License-Identifier: MIT
-- Puts into a disk what a restored machine has written above it, and could not put there before it
-- ended (lunik.vm.commit): both together are the disk.
local command = require "lunik.process.command"
local frozen = require "lunik.store.frozen"
local remove = require "lunik.process.remove"

local commit = {}

local PATIENCE = 3600      -- seconds for the bytes of a disk

-- true | nil, why
function commit.create(ctx, file)
  local done, why = command.run(ctx.loop, { ctx.plan.qemu_img or "qemu-img", "commit", "-q", "-f",
    "qcow2", file.path }, { seconds = PATIENCE, env = ctx.env })
  if not done then return nil, why end
  if done.status ~= 0 then return nil, "qemu-img " .. command.describe(done) end
  local ok
  ok, why = frozen.thaw(file.base)
  if ok then ok, why = remove(file.path) end
  if not ok then return nil, why end
  ctx.tell("file", ("put %s into %s"):format(file.path, file.base))
  return true
end

return commit
