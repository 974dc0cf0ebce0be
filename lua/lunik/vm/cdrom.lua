-- SPDX-License-Identifier: MIT
-- The CD-ROM drives of a running machine, as QEMU says them, and changing what lies in one. The
-- guest may hold a tray locked, while it has the medium mounted: it is asked to open it.
local host = require "lunik.host"
local live = require "lunik.qemu.live"
local medium = require "lunik.device.cdrom.medium"
local turn = require "lunik.async.turn"

local cdrom = {}

local PATIENCE = 15        -- seconds for a guest to open a tray

-- What is known of the trays: `moves` counts those that QEMU has told of.
local function trays_of(vm)
  vm.trays = vm.trays or { turn = turn(vm.loop), moves = 0, moved = vm.loop:condition() }
  return vm.trays
end

-- QEMU has told that a tray was opened or closed.
function cdrom.hear(vm)
  local trays = trays_of(vm)
  trays.moves = trays.moves + 1
  trays.moved:fire()
end

-- Every drive: { id, file, open, locked }, and for what follows `node` | nil, why, code
local function drives(vm)
  local list, why, code = vm.monitor:exec "query-block"
  if type(list) ~= "table" then return nil, why, code end
  local found = {}
  for _, each in ipairs(list) do
    if each.qdev and each.removable and each.tray_open ~= nil then
      local inserted = each.inserted or {}
      found[#found + 1] = { id = each.qdev, file = inserted.file, node = inserted["node-name"],
                            open = each.tray_open, locked = each.locked == true }
    end
  end
  return found
end

local function ids(list)
  local names = {}
  for i, drive in ipairs(list) do names[i] = drive.id end
  return table.concat(names, ", ")
end

-- The drive that is meant: by its id, or the only one | nil, why, code
local function find(vm, id)
  local list, why, code = drives(vm)
  if not list then return nil, why, code end
  if #list == 0 then
    return nil, "the machine was started without a drive: add cdrom {} to its recipe and restart",
      "unsupported"
  end
  for _, drive in ipairs(list) do
    if drive.id == id or not id and #list == 1 then return drive end
  end
  if id then return nil, ("no drive '%s'; there are: %s"):format(id, ids(list)), "missing" end
  return nil, ("there are several drives, name one of them: %s"):format(ids(list)), "invalid"
end

-- Waits until the guest has opened a tray that it held: true | nil, why, code
local function until_open(vm, id, seconds)
  local trays, ends = trays_of(vm), vm.loop.now() + seconds
  while true do
    local seen = trays.moves
    local drive, why, code = find(vm, id)
    if not drive then return nil, why, code end
    if drive.open then return true end
    local left = ends - vm.loop.now()
    if left <= 0 then
      return nil, ("the guest holds the tray of %s: unmount it there, or force it, and it "
        .. "loses what it reads"):format(id), "busy"
    end
    if trays.moves == seen then trays.moved:wait(left) end
  end
end

-- QEMU calls it done as well when it has only asked the guest.
local function opened(vm, drive, options)
  if drive.open then return true end
  local ok, why, code = vm.monitor:exec("blockdev-open-tray",
                                        { id = drive.id, force = options.force or false })
  if not ok then return nil, why, code end
  return until_open(vm, drive.id, options.seconds or PATIENCE)
end

-- Takes out what lies in an open tray; a node that QEMU made by itself goes with it.
local function emptied(vm, drive)
  if not drive.node then return true end
  local ok, why, code = vm.monitor:exec("blockdev-remove-medium", { id = drive.id })
  if ok and not drive.node:find "^#" then
    ok, why, code = vm.monitor:exec("blockdev-del", { ["node-name"] = drive.node })
  end
  return ok and true, why, code
end

-- A name that no node has: the drive's id and a number.
local function free_name(vm, id)
  local taken = {}
  for _, node in ipairs(vm.monitor:exec("query-named-block-nodes", { flat = true }) or {}) do
    taken[node["node-name"] or ""] = true
  end
  local number = 1
  while taken[id .. "-" .. number] do number = number + 1 end
  return id .. "-" .. number
end

-- Has QEMU open the file, before anything is taken out: its node | nil, why, code
local function node_of(vm, drive, path)
  local id = drive.id:match "[^/]*$":gsub("[^%w._-]", "-"):gsub("^[^%a]", "d"):sub(1, 26)
  local name = free_name(vm, id)
  local command = live.commands(medium.node(name, path, host))
  local ok, why, code = vm.monitor:exec(command.execute, command.arguments)
  if ok then return name end
  return nil, why, code
end

-- Opens the tray, and changes what lies in it: true | nil, why, code
local function exchange(vm, drive, node, options)
  local ok, why, code = opened(vm, drive, options)
  if ok then ok, why, code = emptied(vm, drive) end
  if ok and node then
    ok, why, code = vm.monitor:exec("blockdev-insert-medium",
                                    { id = drive.id, ["node-name"] = node })
  end
  -- an empty tray stays open, as a drive's does
  if ok and node then
    ok, why, code = vm.monitor:exec("blockdev-close-tray", { id = drive.id })
  end
  if ok then return true end
  if node then vm.monitor:exec("blockdev-del", { ["node-name"] = node }) end
  return nil, why, code
end

local function path_of(vm, options)
  if not options.file then return nil end
  local path, why = medium.kind.read(options.file, { host = host, dir = vm.plan.dir or "/" })
  local ok = path
  if path then ok, why = medium.check(path, options.file, host) end
  if ok then return path end
  return nil, "file: " .. why, "invalid"
end

local function change(vm, options)
  local path, why, code = path_of(vm, options)
  if why then return nil, why, code end
  local drive, node
  drive, why, code = find(vm, options.id)
  if not drive then return nil, why, code end
  if path then
    node, why, code = node_of(vm, drive, path)
    if not node then return nil, why, code end
  end
  return exchange(vm, drive, node, options)
end

local function listed(vm)
  local list, why, code = drives(vm)
  if not list then return nil, why, code end
  for _, drive in ipairs(list) do drive.node = nil end
  return list
end

-- Changes what lies in a drive, { file =, eject =, id =, force =, seconds = }, or nothing where
-- neither is given: every drive | nil, why, code
function cdrom.run(vm, options)
  if options.file and options.eject then
    return nil, "eject: a medium comes, or goes", "invalid"
  end
  local why, code = vm:hindered()
  if why then return nil, why, code end
  if options.file or options.eject then
    local _ <close> = trays_of(vm).turn()
    local ok
    ok, why, code = change(vm, options)
    if not ok then return nil, why, code end
  end
  return listed(vm)
end

return cdrom
