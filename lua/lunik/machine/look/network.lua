-- SPDX-License-Identifier: MIT
-- Interfaces of the host that a machine is connected to.
local file = require "lunik.machine.look.file"
local holders = require "lunik.machine.look.holders"
local kind = require "lunik.schema.kind"
local suggest = require "lunik.text.suggest"
local truth = require "lunik.qemu.truth"

local show = kind.show

local TUN, VHOST = "/dev/net/tun", "/dev/vhost-net"
local ACCESS = "/etc/qemu/bridge.conf"       -- qemu-bridge-helper.c: DEFAULT_ACL_FILE
local SCRIPT = "/etc/qemu-ifup"              -- include/net/net.h: DEFAULT_NETWORK_SCRIPT

local function is_on(value) return value == true or truth[value] or false end

-- Whether a device of the kernel's is there for this user; otherwise it is said of the key.
local function has(self, key, value, path, what)
  if not self.host.kind(path) then
    self:add(key, value, "device-missing", ("%s is not there, which %s takes"):format(path, what))
    return false
  end
  return self:may_use(key, value, path)
end

local function no_interface(self, key, name, what)
  self:add(key, name, "interface-missing", ("no %s %s on this host%s"):format(what, show(name),
    suggest.hint(name, self.host.hardware.interfaces())))
end

local function bridge(self, args)
  local name = args.br or "br0"
  local found = self.host.hardware.interface(name)
  if not found then return no_interface(self, "br", name, "bridge") end
  if not found.bridge then
    return self:add("br", name, "interface-kind", show(name) .. " is an interface, and no bridge")
  end
  local helper = args.helper and tostring(args.helper):match "^%S+"
  if helper and not self.host.access(self:absolute(helper), "x") then
    return self:add("helper", args.helper, "program-missing", "no program " .. show(helper))
  end
  local allowed = self.host.contents(ACCESS, 1 << 16)
  local all = allowed and ("\n" .. allowed):gsub("\n%s*#[^\n]*", "\n") or ""
  local function says(word)
    return all:find("%f[%S]allow%s+" .. word:gsub("%p", "%%%0") .. "%f[%s\0]")
  end
  if (allowed or not self.host.kind(ACCESS)) and not says(name) and not says "all" then
    self:add("br", name, "device-denied", ("%s does not allow %s to qemu-bridge-helper: "
      .. "add 'allow %s'"):format(ACCESS, show(name), name))
  end
end

-- Who brings a tap up: a program that is run, unless it is "no".
local function script(self, args)
  if args.script ~= nil or args.fd or args.fds or args.helper then return end
  if not self.host.kind(SCRIPT) then
    self:add("script", nil, "program-missing", ("%s is not there, which is run where no script is "
      .. "said: script='no' runs none"):format(SCRIPT))
  end
end

-- A tap has one user, unless it has several queues.
local function busy(self, args, found)
  local queues = math.tointeger(tonumber(args.queues or 1))
  local holder = found and found.tap and queues == 1 and self.host.users.of_interface(args.ifname)
  if not holder then return end
  local who, severity = holders.who(holder, self.name)
  self:add("ifname", args.ifname, "interface-taken", ("%s is in use%s"):format(show(args.ifname),
    who), severity)
end

-- IFF_TAP of an interface that is there already, or one that root may make.
local function tap(self, args)
  local name = args.ifname
  if not has(self, "ifname", name, TUN, "a tap") then return end
  local found = name and self.host.hardware.interface(name)
  if found and not found.tap then
    self:add("ifname", name, "interface-kind", show(name) .. " is an interface, and no tap")
  elseif name and not found and self.host.uid ~= 0 and not name:find "%%d" then
    no_interface(self, "ifname", name, "tap interface")
  elseif found and found.owner and self.host.uid ~= 0 and found.owner ~= self.host.uid then
    self:add("ifname", name, "device-denied", ("%s belongs to user %d"):format(show(name),
      found.owner))
  end
  script(self, args)
  busy(self, args, found)
end

local looks = {}

function looks.tap(self, about)
  local args = about.args
  if is_on(args.vhost) or is_on(args.vhostforce) then
    if not args.vhostfd and not args.vhostfds then
      has(self, "vhost", args.vhost, VHOST, "vhost")
    end
  end
  if args.fd or args.fds then return end
  if args.helper or args.br then return bridge(self, args) end
  tap(self, args)
end

function looks.bridge(self, about) bridge(self, about.args) end

-- A program with its default, "no" for none.
function looks.script(self, about)
  if about.value ~= "no" then file.program(self, about) end
end

-- An interface by name.
function looks.interface(self, about)
  if not self.host.hardware.interface(tostring(about.value)) then
    no_interface(self, about.key, about.value, "interface")
  end
end

-- A descriptor, or a name that the monitor gives one.
function looks.descriptor(self, about)
  local number = math.tointeger(tonumber(about.value))
  if number and not self.host.is_open(number) then
    self:say(about, "descriptor-closed", ("descriptor %d is not open"):format(number))
  end
end

return looks
