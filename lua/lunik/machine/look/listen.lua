-- SPDX-License-Identifier: MIT
-- Ports of this host that are listened on: free, allowed, and each once; and those that somebody
-- else should listen on.
local holders = require "lunik.machine.look.holders"

local listen = {}

local WIDEST = 65535

local function named(address) return address == "" and "all addresses" or address end

local function collide(one, other)
  local any = { [""] = true, ["0.0.0.0"] = true, ["::"] = true }
  return one == other or any[one] or any[other]
end

local function what(about, protocol)
  return (about.who or "") .. (protocol == "udp" and "UDP " or "")
end

local function given_before(self, protocol, address, number)
  for _, before in ipairs(self.listening) do
    if before.protocol == protocol and before.number == number
      and collide(before.address, address) then
      return true
    end
  end
  table.insert(self.listening, { protocol = protocol, address = address, number = number })
end

local function refused(self, about, protocol, address, number, word)
  if word == "denied" then
    local least = self.host.unprivileged_port
    return self:say(about, "port-denied",
      ("%sport %d may not be listened on by %s%s"):format(what(about, protocol), number,
        self.host.user, number < least and (": those below %d are root's"):format(least) or ""))
  elseif word == "elsewhere" then
    return self:say(about, "address-missing",
      address .. " is no address of this host, so nothing can listen on it")
  end
  local who, severity = holders.who(self.host.users.of_port(protocol, address, number), self.name)
  self:say(about, "port-taken", ("%sport %d of %s is in use%s"):format(what(about, protocol),
    number, named(address), who), severity)
end

-- Holds a port against this host, that of `address` ("": all). With `last` any up to that one does.
function listen.port(self, about, protocol, address, number, last)
  number = math.tointeger(tonumber(number))
  if not number or number <= 0 or number > WIDEST then return end
  if not last and given_before(self, protocol, address, number) then
    return self:say(about, "port-twice", ("%sport %d of %s is listened on twice")
      :format(what(about, protocol), number, named(address)))
  end
  local free, word
  for each = number, math.tointeger(tonumber(last)) or number do
    free, word = self.host.port_is_free(protocol, address, each)
    if free then return end
  end
  refused(self, about, protocol, address, number, word)
end

-- Whether somebody could be connected to: only for this host itself that can be told.
function listen.peer(self, about, address, number, patient)
  number = math.tointeger(tonumber(number))
  if not number or not (address == "localhost" or address == "" or address:find "^127%."
    or address == "::1") then
    return
  end
  address = address == "" and "localhost" or address
  if not self.host.port_is_free("tcp", address, number) then return end
  self:say(about, "socket-silent", ("nobody listens on port %d of %s"):format(number,
    address), patient and "warning" or nil)
end

return listen
