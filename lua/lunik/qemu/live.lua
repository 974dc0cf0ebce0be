-- SPDX-License-Identifier: MIT
-- Turns options into commands for a running machine: an entry of the command line into QMP, and
-- into what takes it back. Their arguments are those of the option's JSON form, except where QMP
-- has a form of its own.
local core = require "lunik.core"
local write = require "lunik.qemu.write"

local live = {}

-- The path of memory that QEMU is handed, with its number there.
live.MEMORY = "/proc/self/fd/%d"

-- "a.b" = v -> a = { b = v }, since QMP knows no dotted names.
local function unfolded(flat)
  local out = {}
  for key, value in pairs(flat) do
    local at = out
    for name in key:gmatch "([^.]+)%." do
      at[name] = at[name] or {}
      at = at[name]
    end
    at[key:match "[^.]+$"] = value
  end
  return out
end

local function strings(list)
  local out = {}
  for i, text in ipairs(type(list) == "table" and list or { list }) do out[i] = { str = text } end
  return out
end

-- The descriptor that an argument stands for, by the name under which QEMU was given it.
local function given(value) return type(value) == "table" and value.fd or nil end

local function with_descriptor(args)
  local out = {}
  for key, value in pairs(args) do
    if given(value) then out.fd = given(value) else out[key] = value end
  end
  return out
end

-- qapi/char.json: ChardevBackend; a row per backend that can come while a machine runs.
local backends = {}

function backends.null() return {} end
function backends.pty(args) return { path = args.path } end
function backends.ringbuf(args) return { size = args.size } end
function backends.file(args) return { out = args.path, append = args.append } end
function backends.pipe(args) return { device = args.path } end
function backends.serial(args) return { device = args.path } end

local function address(args)
  if given(args.path) then return { type = "fd", data = { str = given(args.path) } } end
  if args.path then return { type = "unix", data = { path = args.path } } end
  return { type = "inet", data = { host = args.host or "", port = tostring(args.port),
                                   ipv4 = args.ipv4, ipv6 = args.ipv6 } }
end

function backends.socket(args)
  return { addr = address(args), server = args.server or false, wait = args.server and false or nil,
           nodelay = args.nodelay, telnet = args.telnet, reconnect = args.reconnect }
end

function backends.udp(args)
  return { remote = address { host = args.host, port = args.port },
           ["local"] = args.localport and address { host = args.localaddr, port = args.localport } }
end

local function chardev(_, args)
  local backend = backends[args[1]]
  if not backend then
    return nil, ("a chardev of the backend '%s' cannot come while the machine runs"):format(
      tostring(args[1]))
  end
  local data = backend(args)
  data.logfile, data.logappend = args.logfile, args.logappend
  return { id = args.id, backend = { type = args[1], data = core.json.object(data) } }
end

local function netdev(row, args, props)
  local out = unfolded(write.object(row, with_descriptor(args), props))
  for _, key in ipairs { "hostfwd", "guestfwd", "dnssearch" } do
    if out[key] then out[key] = strings(out[key]) end
  end
  return out
end

-- The descriptor of its memory is QEMU's by another command, which gives it a number
-- (lunik.hotplug.carry_out).
local function object(row, args, props)
  local out = {}
  for key, value in pairs(args) do out[key] = given(value) and live.MEMORY or value end
  return unfolded(write.object(row, out, props))
end

local function plain(row, args, props) return unfolded(write.object(row, args, props)) end

-- option -> its command, the one that takes it back, and what names it there
local rows = {
  chardev = { "chardev-add", "chardev-remove", "id", chardev },
  blockdev = { "blockdev-add", "blockdev-del", "node-name", plain },
  netdev = { "netdev_add", "netdev_del", "id", netdev },
  object = { "object-add", "object-del", "id", object },
  device = { "device_add", "device_del", "id", plain },
}

-- The command that takes an entry back: { execute, arguments } | nil where there is none.
function live.removal(entry)
  local row = entry.row and rows[entry.row.name]
  local name = row and (entry.args[row[3]] or entry.args.node_name)
  return name and { execute = row[2], arguments = { [row[3]] = name } } or nil
end

-- The command that makes it, and the removal | nil, why
function live.commands(entry)
  local row = entry.row and rows[entry.row.name]
  if not row then
    local name = entry.row and entry.row.name or tostring(entry)
    return nil, ("-%s is for the start alone"):format(name)
  end
  local arguments, why = row[4](entry.row, entry.args, entry.props)
  if not arguments then return nil, why end
  return { execute = row[1], arguments = arguments }, live.removal(entry)
end

return live
