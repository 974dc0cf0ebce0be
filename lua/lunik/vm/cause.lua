-- SPDX-License-Identifier: MIT
-- What QEMU's refusals mean: it says what it could not get, and not who has it.
local holder = require "lunik.process.holder"
local host = require "lunik.host"
local image = require "lunik.host.image"
local printable = require "lunik.text.printable"
local records = require "lunik.store.records"
local stat = require "posix.sys.stat"

local cause = {}

local LAYERS = 16          -- images, one on the other, that are looked at
local HEADER = 65536       -- bytes of one

-- The machine of lunik's with that id | nil
local function machine_of(id)
  for _, name in ipairs(id and host.list(host.runtime) or {}) do
    local record = name:find "^%w[%w._-]*$" and records.read(host.runtime .. "/" .. name)
    if record and record.id == id then return name end
  end
end

local function who(one)
  if not one then return "" end
  local machine = machine_of(one.id)
  return machine and (": machine '%s' has it (pid %d)"):format(machine, one.pid)
         or (": %s has it (pid %d)"):format(printable(one.name), one.pid)
end

-- Who has a port of this host, that of a forward.
function cause.port(protocol, address, port, name)
  return ("%sport %d of %s is taken%s"):format(name and ("forward %s: "):format(name) or "", port,
    address == "" and "all addresses" or address, who(holder.port(protocol, address, port)))
end

-- Who has a tap interface.
function cause.interface(name)
  return ("interface %s is in use%s"):format(printable(name), who(holder.interface(name)))
end

-- Who has an image.
function cause.image(path)
  return ("image %s is in use%s"):format(printable(path), who(holder.file(path)))
end

-- Why a file may not be opened: whose it is, and who asks.
local function denied(path)
  local found = stat.stat(path)
  if not found then return nil end
  return ("%s belongs to user %d, mode %04o; QEMU runs as user %d"):format(printable(path),
    found.st_uid, found.st_mode & 4095, host.uid)
end

local function kvm()
  local works, why = host.kvm()
  return not works and ("KVM cannot be used here: %s; accel = \"tcg\" does without it"):format(
    why) or nil
end

local function mebibytes(bytes) return ("%d MiB"):format(bytes >> 20) end

-- The guest's memory, and what there is.
local function memory(plan)
  local free = host.available_memory
  if not plan.memory or not free then return nil end
  return ("the guest is to have %s, and this host has %s free"):format(mebibytes(plan.memory),
    mebibytes(free))
end

local function absolute(path, dir) return path:find "^/" and path or dir .. "/" .. path end

-- Where an option was to listen, as its text has it: an IPv4 address or "", the port | nil. A
-- display of VNC is a port from 5900 on.
local function place(option, text)
  local address, port = text:match "host=([^,]*).-port=(%d+)"
  if not address then address, port = text:match "([^:=,]*):(%d+)%f[,%z]" end
  port = port and math.tointeger(tonumber(port))
  if not address or not address:find "^[%d.]+$" then address = "" end
  return address, port and option == "-vnc" and port + 5900 or port
end

-- A row: what QEMU says, and what that means.
local rows = {
  { ": (%-%S+) ([^\n]-): Failed to [^\n]-: Address already in use", function(_, option, text)
    local address, port = place(option, text)
    return port and cause.port("tcp", address, port)
  end },
  { "Could not access KVM kernel module", kvm },
  { "failed to initialize kvm", kvm },
  { "cannot set up guest memory", memory },
  { "Could not open '([^'\n]+)': Permission denied", function(plan, path)
    return denied(absolute(path, plan.cwd or ""))
  end },
  { "binding socket to ([%d.]+):(%d+) failed", function(_, address, port)
    return cause.port("tcp", address, math.tointeger(tonumber(port)))
  end },
  { "Could not set up host forwarding rule '(%l+):([%d.]*):(%d+)%-",
    function(plan, protocol, address, port)
      port = math.tointeger(tonumber(port))
      for _, forward in ipairs(plan.forwards or {}) do
        if forward.port == port and forward.protocol == protocol then
          return cause.port(protocol, address, port, forward.name)
        end
      end
      return cause.port(protocol, address, port)
    end },
  { "could not configure /dev/net/tun %(([^)\n]+)%): Device or resource busy", function(_, name)
    return cause.interface(name)
  end },
  { "Duplicate nodes with node%-name='([^'\n]+)'", function(_, node)
    return ("the machine has a disk '%s' already: id = NAME gives this one another"):format(
      printable((node:gsub("%-file$", ""))))
  end },
  { "lock%s+Is another process using the image %[([^\n]+)%]%?", function(plan, path)
    return cause.image(absolute(path, plan.cwd or ""))
  end },
}

-- The cause of a refusal, where it is known | nil
function cause.of(plan, why)
  for _, row in ipairs(rows) do
    local found = table.pack(why:match(row[1]))
    if found[1] then return row[2](plan, table.unpack(found, 1, found.n)) end
  end
end

-- An image, and what it lies on, as far as their headers name files.
local function images(path)
  local list = {}
  while path and #list < LAYERS do
    list[#list + 1] = path
    local head = host.head(path, HEADER) or ""
    local format = image.looks_like(head)
    local found = format and image.read(format, head)
    local backing = found and found.backing
    path = backing and not backing:find "^%w+:" and absolute(backing, path:match "^(.*)/") or nil
  end
  return list
end

-- The reason why nothing could be plugged, behind its cause where that is known. `file` is what
-- was asked for, as seen from `dir`: a command's error does not name the image.
function cause.with(plan, why, file, dir)
  local first = cause.of(plan, why)
  if not first and type(file) == "string" and why:find "Failed to get .*lock" then
    for _, path in ipairs(images(absolute(file, dir))) do
      first = first or holder.file(path) and cause.image(path)
    end
  end
  return first and ("%s; %s"):format(first, why) or why
end

return cause
