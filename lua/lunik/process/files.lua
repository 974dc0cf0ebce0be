-- SPDX-License-Identifier: MIT
-- Makes the files that a machine needs before it starts: overlays and images, by qemu-img, and
-- copies. A file that the user named is never deleted, and never seen half made. Beside an overlay
-- that is kept lies what is known of its base, which lunik.device.disk.overlay holds against the
-- base later.
local command = require "lunik.process.command"
local core = require "lunik.core"
local remove = require "lunik.process.remove"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local files = {}

local PATIENCE = 60

-- The base as an overlay's header names it: what lies beside the overlay or below moves with it.
local function base_name(base, path)
  local folder = path:match "^.*/"
  if base:sub(1, #folder) ~= folder then return base end
  local name = base:sub(#folder + 1)
  return name:find ":" and "./" .. name or name
end

-- The arguments for qemu-img, a function per kind of file in a plan.
local kinds = {}

function kinds.overlay(file, path)
  local argv = { "create", "-q", "-f", file.format or "qcow2", "-F", file.base_format,
                 "-b", base_name(file.base, path), path, file.size and ("%d"):format(file.size) }
  -- one that is being written to cannot be opened a second time
  if file.in_use then table.insert(argv, 2, "-u") end
  return argv
end

function kinds.image(file, path)
  return { "create", "-q", "-f", file.format, path, ("%d"):format(file.size) }
end

local function qemu_img(ctx, file, path)
  local argv = { ctx.plan.qemu_img or "qemu-img" }
  table.move(kinds[file.kind](file, path), 1, 16, 2, argv)
  local done, why = command.run(ctx.loop, argv, { seconds = PATIENCE, env = ctx.env })
  if not done then return nil, why end
  if done.status == 0 then return true end
  return nil, "qemu-img " .. command.describe(done)
end

-- Makes a file of the plan at `path`: true | nil, why
local function make(ctx, file, path)
  if file.kind == "copy" then return require "lunik.process.duplicate"(file.base, path) end
  return qemu_img(ctx, file, path)
end

-- What is known of a guest was on the disk that is made anew, or goes with it: its host key, what
-- it was provisioned with, and all that belongs to its seed, which is made anew without that file
-- (lunik.launch.belongings).
local function forget_guest(ctx, file)
  if not file.system then return true end
  local plan = ctx.plan
  local access = plan.guest.ssh or {}
  for _, path in pairs { access.known_hosts or false, plan.provisioned or false,
                         plan.seed and plan.state .. "/guest.json" or false } do
    local ok, why = true, nil
    if path then ok, why = remove(path) end
    if not ok then return nil, "remove " .. why end
  end
  return true
end

-- Makes a throw-away file; one of an earlier run is removed first.
local function throw_away(ctx, file)
  local ok, why = remove(file.path)
  if not ok then return nil, "remove " .. why end
  ctx.started:push("remove " .. file.path, function()
    if file.keep then return true end      -- it has become somebody's meanwhile
    local gone, problem = remove(file.path)
    if not gone then return nil, problem end
    return forget_guest(ctx, file)
  end)
  return make(ctx, file, file.path)
end

-- What is known of an overlay's base | nil where there is none
local function facts_of(file)
  if not file.base or file.kind == "copy" then return nil end
  return require "lunik.host.image".facts(file.base, file.base_format, require "lunik.host")
end

-- Writes it down beside the overlay: true | nil, why
local function note_base(file, facts)
  local path = file.path .. ".base"
  local part = path .. ".part"
  local ok, why = remove(part)
  if not ok then return nil, "remove " .. why end
  local out
  out, why = io.open(part, "wb")
  if not out then return nil, why end
  ok, why = out:write(core.json.encode(facts), "\n")
  if ok then ok, why = out:close() else out:close() end
  if ok then ok, why = os.rename(part, path) end
  if not ok then remove(part) end
  return ok, why
end

-- Makes a file to keep: beside its place, then linked there, so that it is complete and never
-- replaces another.
local function keep(ctx, file)
  local part = file.path .. ".part"
  local ok, why = remove(part)
  if not ok then return nil, "remove " .. why end
  local facts = facts_of(file)
  ok, why = make(ctx, file, part)
  if ok and facts then ok, why = note_base(file, facts) end
  if ok then
    ok, why = unistd.link(part, file.path)
    why = why and "link " .. why
    if not ok and facts then remove(file.path .. ".base") end
  end
  remove(part)
  return ok and true, why
end

-- Makes one file of the plan: true, and "there" where it was | nil, why
function files.create(ctx, file)
  if file.keep and stat.stat(file.path) then
    if file.doubt then ctx.tell("problem", file.doubt) end
    return true, "there"
  end
  local made, why = (file.keep and keep or throw_away)(ctx, file)
  if made then made, why = forget_guest(ctx, file) end
  if not made then return nil, ("create %s: %s"):format(file.path, why) end
  ctx.tell("file", "made " .. file.path)
  return true
end

return files
