-- SPDX-License-Identifier: MIT
-- Where options say ports to listen on, each in its own spelling.
local listen = require "lunik.machine.look.listen"
local truth = require "lunik.qemu.truth"

local FIRST_DISPLAY = 5900       -- ui/vnc.c

local looks = {}

-- net/slirp.c:slirp_hostfwd: [tcp|udp]:[ADDRESS]:PORT-[GUEST]:PORT
function looks.forward(self, about)
  local protocol, address, number = tostring(about.value):match "^(%l*):([^:]*):(%d+)%-"
  if protocol then
    listen.port(self, about, protocol == "udp" and "udp" or "tcp", address, number)
  end
end

local function is_on(value) return value == true or truth[value] or false end

-- "HOST:DISPLAY" of -vnc: its port, unless a viewer is connected to.
function looks.display(self, about)
  local args = about.args
  local address, display = tostring(about.value):match "^%[?([^%]]-)%]?:(%d+)$"
  if not address or is_on(args.reverse) then return end
  local number = math.tointeger(tonumber(display)) + FIRST_DISPLAY
  local last = tonumber(args.to) and FIRST_DISPLAY + tonumber(args.to)
  listen.port(self, about, "tcp", address, number, last)
end

function looks.spice(self, about)
  local args = about.args
  if is_on(args.unix) then return end
  for _, key in ipairs { "port", "tls-port", "tls_port" } do
    local number, one = args[key], { key = key, value = args[key] }
    if number then listen.port(self, one, "tcp", tostring(args.addr or ""), number) end
  end
end

-- -s
function looks.debugger(self) listen.port(self, { who = "gdb: " }, "tcp", "", 1234) end

-- -netdev socket: "[HOST]:PORT"
function looks.packets(self, about)
  local address, number = tostring(about.value):match "^(.-):(%d+)$"
  if not address then return end
  if about.key == "listen" then return listen.port(self, about, "tcp", address, number) end
  listen.peer(self, about, address, number)
end

-- tcp:HOST:PORT of -incoming
function looks.incoming(self, about)
  local address, number = tostring(about.value):match "^tcp:%[?([^%]]-)%]?:(%d+)$"
  if address then listen.port(self, about, "tcp", address, number) end
end

return looks
