-- SPDX-License-Identifier: MIT
-- What QEMU asks of the keys of one option together, or of how a text is written, and no list of
-- its own tells: a row per option and form (nil: any), each with its source in QEMU 7.2.
--   { option, form, function(args, entry) -> key, code, why | nil }
local kinds = require "lunik.qemu.kind"
local suggest = require "lunik.text.suggest"

local function count(args, names)
  local found = {}
  for _, name in ipairs(names) do
    if args[name] ~= nil then found[#found + 1] = name end
  end
  return found
end

-- Exactly one of some keys.
local function one_of(names)
  return function(args)
    local found = count(args, names)
    if #found == 1 then return nil end
    local list = table.concat(names, ", ")
    if #found == 0 then return names[1], "missing-key", "one of " .. list .. " must be given" end
    return found[2], "exclusive", ("'%s' and '%s' exclude each other: one of %s"):format(found[1],
      found[2], list)
  end
end

local function bits(key)
  return function(args)
    local text = args[key]
    local given = type(text) == "string" and tonumber(text:match "/(%d+)$")
    if given and (given < 4 or given > 32) then
      return key, "bad-value", ("a network has 4 to 32 bits, got %d"):format(given)
    end
  end
end

local function address(args)
  if args.path or args.fd or args.port then return nil end
  local key = args.host and "port" or "path"
  return key, "missing-key", args.host and "'port' must be given beside a host"
    or "'path' must be given, or 'host' and 'port'"
end

local function power_of_two(key)
  return function(args)
    local bytes = args[key] and kinds.bytes(args[key], 0)
    if bytes and bytes & (bytes - 1) ~= 0 then
      return key, "bad-value", ("a power of two expected, got '%s'"):format(args[key])
    end
  end
end

local MOST = 31            -- letters of a node's name (block.c: bdrv_assign_node_name)

local function node_name(args)
  local name = args["node-name"]
  if type(name) == "string" and #name > MOST then
    return "node-name", "bad-value", ("a node's name has at most %d letters, got %d"):format(MOST,
      #name)
  end
end

-- ui/vnc.c: the number of a screen is behind the last colon.
local function screen(args)
  local text = tostring(args[1] or args.vnc or "")
  local number = text:match ":([^:]*)$"
  if not number or text:find "^unix:" or number:find "^%d+$" then return nil end
  return "vnc", "bad-value", ("'%s' is no display: a number follows the colon"):format(text)
end

local function guest_file(args)
  local name = args.name or args[1]
  if type(name) == "string" and not name:find "^opt/" and not name:find "^etc/" then
    return "name", "suspicious", ("names of one's own begin with opt/, '%s' does not"):format(name)
  end
end

-- migration/migration.c:qemu_start_incoming_migration
local protocols = { "tcp", "rdma", "exec", "unix", "vsock", "fd", "file", "defer" }

local function incoming(args)
  local text = args[1]
  local protocol = type(text) == "string" and text:match "^(%a+):"
  if not protocol then return nil end
  for _, name in ipairs(protocols) do
    if name == protocol then
      if name ~= "tcp" or text:find "^tcp:.*:[%w-]+" then return nil end
      return "incoming", "bad-value", ("'%s' lacks a host or a port: tcp:HOST:PORT"):format(text)
    end
  end
  return "incoming", "bad-value", ("no protocol '%s'%s"):format(protocol,
    suggest.hint_or_all(protocol, protocols, 8))
end

local function assignment(args)
  local text = tostring(args[1] or "")
  if text:find "^[^.=]+%.[^.=]+%.[^=]+=" then return nil end
  return "set", "unreadable", ("'%s' is not GROUP.ID.KEY=VALUE"):format(text)
end

return {
  { "netdev", "socket", one_of { "fd", "listen", "connect", "mcast", "udp" } },  -- net/socket.c
  { "netdev", "user", bits "net" },                                              -- net/slirp.c
  { "nic", "user", bits "net" },
  { "chardev", "socket", address },                              -- chardev/char-socket.c
  { "chardev", "ringbuf", power_of_two "size" },                 -- chardev/char-ringbuf.c
  { "chardev", "memory", power_of_two "size" },
  { "blockdev", nil, node_name },
  { "drive", nil, node_name },
  { "vnc", nil, screen },
  { "fw_cfg", nil, guest_file },                                 -- softmmu/vl.c
  { "incoming", nil, incoming },
  { "set", nil, assignment },                                    -- softmmu/vl.c:qemu_set_option
}
