-- SPDX-License-Identifier: MIT
-- What the arguments of a QMP command name: devices, block nodes and drives, character backends,
-- objects by their paths. It has to be there, on the command line or by a command before.
local plugged = require "lunik.verify.plugged"
local suggest = require "lunik.text.suggest"

local DEVICE, NODE, DRIVE, CHARDEV = "device", "blockdev", "drive", "chardev"

-- The arguments of each command that name something, with what they name (qapi/block-core.json,
-- qapi/block.json, qapi/char.json, qapi/ui.json). A drive is named by a node, too.
local names = {
  eject = { id = DEVICE, device = DRIVE },
  ["blockdev-open-tray"] = { id = DEVICE, device = DRIVE },
  ["blockdev-close-tray"] = { id = DEVICE, device = DRIVE },
  ["blockdev-remove-medium"] = { id = DEVICE },
  ["blockdev-insert-medium"] = { id = DEVICE, ["node-name"] = NODE },
  ["blockdev-change-medium"] = { id = DEVICE, device = DRIVE },
  block_set_io_throttle = { id = DEVICE, device = DRIVE },
  ["block-latency-histogram-set"] = { id = DEVICE },
  screendump = { device = DEVICE },
  block_resize = { device = DRIVE, ["node-name"] = NODE },
  ["block-stream"] = { device = DRIVE, ["base-node"] = NODE },
  ["block-commit"] = { device = DRIVE, ["base-node"] = NODE, ["top-node"] = NODE },
  ["blockdev-snapshot"] = { node = NODE, overlay = NODE },
  ["blockdev-snapshot-sync"] = { device = DRIVE, ["node-name"] = NODE },
  ["blockdev-snapshot-internal-sync"] = { device = DRIVE },
  ["blockdev-snapshot-delete-internal-sync"] = { device = DRIVE },
  ["blockdev-backup"] = { device = DRIVE, target = NODE },
  ["blockdev-mirror"] = { device = DRIVE, target = NODE },
  ["drive-backup"] = { device = DRIVE },
  ["drive-mirror"] = { device = DRIVE },
  ["change-backing-file"] = { device = DRIVE, ["image-node-name"] = NODE },
  ["block-set-write-threshold"] = { ["node-name"] = NODE },
  ["block-dirty-bitmap-add"] = { node = NODE },
  ["block-dirty-bitmap-remove"] = { node = NODE },
  ["block-dirty-bitmap-clear"] = { node = NODE },
  ["block-dirty-bitmap-enable"] = { node = NODE },
  ["block-dirty-bitmap-disable"] = { node = NODE },
  ["block-dirty-bitmap-merge"] = { node = NODE },
  ["nbd-server-add"] = { device = DRIVE },
  ["ringbuf-read"] = { device = CHARDEV },
  ["ringbuf-write"] = { device = CHARDEV },
  ["chardev-change"] = { id = CHARDEV },
  ["chardev-send-break"] = { id = CHARDEV },
}

-- Whether QEMU names things so itself: drives of the board, nodes without a name (block.c,
-- blockdev.c).
local function is_own(id)
  return id:find "^#" or id:find "^%l+%d+%-%l+%d+$" or id:find "^floppy%d+$" or id:find "^sd%d+$"
    or id:find "^pflash%d+$" or id:find "^virtio%d+$" or id:find "^mtd%d+$" or id:find "^none%d+$"
end

-- The nodes that a definition makes, those within it too.
local function nodes_of(value, into)
  for key, each in pairs(value) do
    if type(each) == "table" then nodes_of(each, into)
    elseif type(key) == "string" and key:find "node%-name$" and type(each) == "string" then
      into[each] = true
    end
  end
  return into
end

-- What can be named as one of a space: { name = true }.
local function there_is(space, there)
  local ids = {}
  if space == NODE or space == DRIVE then
    nodes_of(there.blockdev, ids)
    nodes_of(there.drive, ids)
    for id in pairs(there.made) do ids[id] = true end
    for id in pairs(there.blockdev) do ids[id] = true end
    for id in pairs(there.drive) do ids[id] = true end
  else
    for id in pairs(there[space]) do ids[id] = true end
  end
  return ids
end

local function backend(there, id, found)
  local args = there.device[id]
  if args and args.drive == nil and not tostring(args[1] or args.driver):find "%-cd$" then
    found("id", "bad-value", ("device '%s' has no drive"):format(id))
  end
end

-- Commands about the drive of a device.
local of_drive = { eject = true, ["blockdev-open-tray"] = true, ["blockdev-close-tray"] = true,
  ["blockdev-remove-medium"] = true, ["blockdev-insert-medium"] = true,
  ["blockdev-change-medium"] = true, block_set_io_throttle = true }

local function references(name, arguments, there, found)
  for key, space in pairs(names[name] or {}) do
    local id = arguments[key]
    if type(id) == "string" and not id:find "^/" then
      local ids = there_is(space, there)
      if ids[id] then
        if of_drive[name] and key == "id" then backend(there, id, found) end
      elseif not is_own(id) then
        found(key, "dangling-reference", plugged.none(space, id, ids))
      end
    end
  end
end

-- Paths of devices and objects that users have named (qom/object.c).
local paths = { { "^/machine/peripheral/([^/]+)", "device" }, { "^/objects/([^/]+)", "object" } }

local function path(arguments, there, found)
  for _, row in ipairs(paths) do
    local id = type(arguments.path) == "string" and arguments.path:match(row[1])
    if id and not there[row[2]][id] then
      found("path", "dangling-reference", plugged.none(row[2], id, there[row[2]]))
    end
  end
end

-- What migrates, and where a dump goes (migration/migration.c, dump/dump.c).
local schemes = { uri = { "tcp", "unix", "exec", "fd", "rdma", "vsock", "file" },
                  protocol = { "file", "fd" } }

local function scheme(key, arguments, found)
  local text = arguments[key]
  local given = type(text) == "string" and (text:match "^([^:]*):" or text)
  for _, each in ipairs(schemes[key]) do
    if not given or each == given then return end
  end
  found(key, "bad-value", ("one of %s: expected, got '%s'%s"):format(
    table.concat(schemes[key], ":, "), text, suggest.hint(given, schemes[key])))
end

local function has(there, pattern)
  for _, args in pairs(there.device) do
    if tostring(args[1] or args.driver):find(pattern) then return true end
  end
end

-- A command that is nothing without another before it.
local function after(before, key, why)
  return function(_, there, found)
    if not there.ran[before] then found(key, "dangling-reference", why) end
  end
end

-- A screen with a password (ui/vnc.c); SPICE has its own.
local function screen(arguments, there, found)
  if there.vnc or arguments.protocol == "spice" then return end
  found(arguments.protocol and "protocol" or "password", "dangling-reference",
        "the machine has no VNC display")
end

-- A job is named by the command that has begun it, or by the drive that it is of.
local function job(key)
  return function(arguments, there, found)
    local id = arguments[key]
    if type(id) == "string" and not there.jobs[id] then
      found(key, "dangling-reference", plugged.none("job", id, there.jobs))
    end
  end
end

local rules = { ["qom-get"] = path, ["qom-set"] = path, ["qom-list"] = path,
  set_password = screen, expire_password = screen, ["change-vnc-password"] = screen,
  ["nbd-server-add"] = after("nbd-server-start", "device", "the NBD server has not been started"),
  ["nbd-server-stop"] = after("nbd-server-start", nil, "the NBD server has not been started") }

for _, verb in ipairs { "cancel", "pause", "resume", "complete", "dismiss", "finalize" } do
  rules["job-" .. verb], rules["block-job-" .. verb] = job "id", job "device"
end

function rules.migrate(arguments, _, found) scheme("uri", arguments, found) end

rules["migrate-incoming"] = rules.migrate

rules["dump-guest-memory"] = function(arguments, _, found) scheme("protocol", arguments, found) end

function rules.balloon(_, there, found)
  if not there.anonymous and not has(there, "balloon") then
    found("value", "dangling-reference", "the machine has no balloon device")
  end
end

-- Each of its actions is a command (qapi/transaction.json).
function rules.transaction(arguments, there, found)
  for _, action in ipairs(type(arguments.actions) == "table" and arguments.actions or {}) do
    if type(action) == "table" and type(action.data) == "table" then
      references(action.type, action.data, there, found)
    end
  end
end

local named = {}

-- found(key | nil, code, why)
function named.check(name, arguments, there, found)
  references(name, arguments, there, found)
  if rules[name] then rules[name](arguments, there, found) end
end

-- What a command has made besides.
function named.made(name, arguments, there)
  nodes_of(arguments, there.made)
  if type(name) == "string" then there.ran[name] = true end
  local id = arguments["job-id"] or name ~= "job-cancel" and arguments.device
  if type(id) == "string" then there.jobs[id] = true end
end

return named
