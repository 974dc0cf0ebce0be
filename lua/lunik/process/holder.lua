-- SPDX-License-Identifier: MIT
-- Who has what a machine could not get: a port of this host, or a file. As far as /proc shows it:
-- what belongs to other users is theirs.
local dirent = require "posix.dirent"
local host = require "lunik.host"
local orphans = require "lunik.process.orphans"
local unistd = require "posix.unistd"

local holder = {}

-- proc(5), /proc/net/tcp: the state of a socket that listens, and of one of UDP
local STATES = { tcp = "0A", udp = "07" }

-- "0100007F" -> "127.0.0.1": the bytes are in the order of this host
local function address_of(hex)
  if #hex ~= 8 then return nil end
  return table.concat({ string.pack("=I4", tonumber(hex, 16)):byte(1, 4) }, ".")
end

-- An address in use is in the way of the same one, and any of it of all.
local function collide(theirs, ours)
  return theirs == nil or theirs == ours or theirs == "0.0.0.0" or ours == "" or ours == "0.0.0.0"
end

-- The sockets on a port, as the file system of sockets numbers them: a set.
local function sockets(protocol, address, port)
  local found = {}
  for _, name in ipairs { protocol, protocol .. "6" } do
    local file <close> = io.open("/proc/net/" .. name)
    for line in file and file:lines() or function() end do
      local hex, number, state, inode =
        line:match "^%s*%d+: (%x+):(%x+) %x+:%x+ (%x+) %S+ %S+ %S+ +%d+ +%d+ (%d+)"
      if state == STATES[protocol] and tonumber(number, 16) == port
         and collide(address_of(hex), address) then
        found[("socket:[%s]"):format(inode)] = true
      end
    end
  end
  return found
end

local function has(pid, wanted)
  local folder = ("/proc/%d/fd"):format(pid)
  local ok, names = pcall(dirent.dir, folder)
  for _, name in ipairs(ok and names or {}) do
    if wanted[unistd.readlink(folder .. "/" .. name) or ""] then return true end
  end
  return false
end

-- { pid, name, id = that of the machine of lunik's that it belongs to | nil }
local function process(pid)
  local name = (host.head(("/proc/%d/comm"):format(pid), 64) or "?"):gsub("\n$", "")
  return { pid = pid, name = name, id = orphans.id(pid) }
end

-- The process that a port of an address belongs to | nil. protocol: tcp or udp.
function holder.port(protocol, address, port)
  local wanted = sockets(protocol, address, port)
  if not next(wanted) then return nil end
  for name in dirent.files "/proc" do
    local pid = math.tointeger(name)
    if pid and has(pid, wanted) then return process(pid) end
  end
end

-- The process that has a file open, a machine's first | nil
function holder.file(path)
  local first
  for _, one in ipairs(orphans.holders(path)) do
    if one.id then return process(one.pid) end
    first = first or one
  end
  return first and process(first.pid)
end

return holder
