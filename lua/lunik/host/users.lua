-- SPDX-License-Identifier: MIT
-- Which process of this host uses something: a port, a unix socket, a lock on a file. As far as
-- /proc shows it: what belongs to other users is theirs. All of it is read, nothing is opened that
-- somebody would notice.
local dirent = require "posix.dirent"
local facts = require "lunik.host.facts"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local users = {}

-- proc(5), /proc/net/tcp: the state of a socket that listens, and of one of UDP
local STATES = { tcp = "0A", udp = "07" }

local LISTENS = 0x10000    -- __SO_ACCEPTCON of /proc/net/unix
local MOST = 1 << 16       -- bytes of a command line

-- "0100007F" -> "127.0.0.1": the bytes are in the order of this host
local function address_of(hex)
  if #hex ~= 8 then return nil end
  return table.concat({ string.pack("=I4", tonumber(hex, 16)):byte(1, 4) }, ".")
end

-- An address in use is in the way of the same one, and any of it of all.
local function collide(theirs, ours)
  return theirs == nil or theirs == ours or theirs == "0.0.0.0" or ours == "" or ours == "0.0.0.0"
end

local function lines(path)
  local file <close> = io.open(path)
  local list = {}
  for line in file and file:lines() or function() end do list[#list + 1] = line end
  return list
end

local function socket_name(inode) return ("socket:[%s]"):format(inode) end

-- The sockets on a port, as the file system of sockets names them: a set.
local function on_port(protocol, address, port)
  local found = {}
  for _, name in ipairs { protocol, protocol .. "6" } do
    for _, line in ipairs(lines("/proc/net/" .. name)) do
      local hex, number, state, inode =
        line:match "^%s*%d+: (%x+):(%x+) %x+:%x+ (%x+) %S+ %S+ %S+ +%d+ +%d+ (%d+)"
      if state == STATES[protocol] and tonumber(number, 16) == port
         and collide(address_of(hex), address) then
        found[socket_name(inode)] = true
      end
    end
  end
  return found
end

-- What a machine of QEMU's is called by its command line | nil. util/qemu-option.c: the first value
-- of -name is `guest`.
local function machine_name(pid)
  local text = facts.head(("/proc/%d/cmdline"):format(pid), MOST) or ""
  local said = ("\0" .. text):match "%z%-%-?name%z([^%z]*)"
  local name = said and (said:match "^guest=([^,]*)" or said:match ",guest=([^,]*)"
               or said:match "^([^,=]+)%f[,%z]")
  return name ~= "" and name or nil
end

-- { pid, name = of its program, machine = what it calls its machine | nil }
function users.process(pid)
  local name = (facts.head(("/proc/%d/comm"):format(pid), 64) or "?"):gsub("\n$", "")
  return { pid = pid, name = name, machine = machine_name(pid) }
end

-- The first process that has something open of which matches(pid, folder, descriptor) is true.
local function first(matches)
  for name in dirent.files "/proc" do
    local pid = math.tointeger(tonumber(name))
    local folder = pid and ("/proc/%d/fd"):format(pid)
    local ok, names = pcall(dirent.dir, folder or "")
    for _, each in ipairs(pid and ok and names or {}) do
      if each:find "^%d" and matches(pid, folder, each) then return users.process(pid) end
    end
  end
end

local function has_socket(wanted)
  return function(_, folder, name)
    return wanted[unistd.readlink(folder .. "/" .. name) or ""] or false
  end
end

-- Who has a port of an address | nil. protocol: tcp or udp.
function users.of_port(protocol, address, port)
  local wanted = on_port(protocol, address, port)
  return next(wanted) and first(has_socket(wanted)) or nil
end

local TUN = "/dev/net/tun"

-- Who has a tap interface open, by which the guest's frames would go | nil
function users.of_interface(name)
  local line = "\niff:\t" .. name .. "\n"
  return first(function(pid, folder, each)
    return unistd.readlink(folder .. "/" .. each) == TUN
      and (facts.head(("/proc/%d/fdinfo/%s"):format(pid, each), 4096) or ""):find(line, 1, true)
        ~= nil
  end)
end

-- What the kernel has of the unix sockets that were bound to a path, from the folder of whoever did
-- it: a list of { name = the socket's, path, listens }.
local function bound()
  local list = {}
  for _, line in ipairs(lines "/proc/net/unix") do
    local flags, inode, path = line:match "^%x+: %x+ %x+ (%x+) %x+ %x+ +(%d+) (.+)$"
    if path then
      list[#list + 1] = { name = socket_name(inode), path = path,
                          listens = tonumber(flags, 16) & LISTENS ~= 0 }
    end
  end
  return list
end

-- A path that was bound in another folder, as it is from here: by whoever has the socket.
local function same_path(one, path)
  if one.path:find "^[/@]" then return one.path == path end
  if one.path:match "[^/]*$" ~= path:match "[^/]*$" then return false end
  local owner = first(has_socket { [one.name] = true })
  local folder = owner and unistd.readlink(("/proc/%d/cwd"):format(owner.pid))
  return folder and facts.real(folder .. "/" .. one.path) == facts.real(path) or false
end

-- Whether somebody listens at the path of a unix socket: who (as users.of_port says it; {} where
-- that cannot be seen) | nil. "@name" is in the abstract name space.
function users.of_socket(path)
  for _, one in ipairs(bound()) do
    if one.listens and same_path(one, path) then
      return first(has_socket { [one.name] = true }) or {}
    end
  end
end

-- Whether a byte of a file is locked by somebody, fcntl(2).
local function is_locked(fd, byte)
  local ask = { l_type = fcntl.F_WRLCK, l_whence = 0, l_start = byte, l_len = 1 }
  return fcntl.fcntl(fd, fcntl.F_GETLK, ask) ~= nil and ask.l_type ~= fcntl.F_UNLCK
end

local function holds_lock(found)
  return function(pid, folder, name)
    local theirs = stat.stat(folder .. "/" .. name)
    return theirs and theirs.st_ino == found.st_ino and theirs.st_dev == found.st_dev
      and (facts.head(("/proc/%d/fdinfo/%s"):format(pid, name), 4096) or ""):find "\nlock:"
      or false
  end
end

-- Who has one of these bytes of a file locked, which is how QEMU shares images: a process as above,
-- {} where it cannot be seen | nil where they are free
function users.of_lock(path, bytes)
  local fd = fcntl.open(path, fcntl.O_RDONLY | fcntl.O_NONBLOCK | fcntl.O_CLOEXEC)
  if not fd then return nil end
  local locked = false
  for _, byte in ipairs(bytes) do locked = locked or is_locked(fd, byte) end
  local found = stat.fstat(fd)
  unistd.close(fd)
  return locked and (first(holds_lock(found)) or {}) or nil
end

return users
