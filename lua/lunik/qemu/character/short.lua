-- SPDX-License-Identifier: MIT
-- The short forms of character backends that -serial, -parallel, -monitor, -qmp,
-- -qmp-pretty, -debugcon and -gdb take, and the keys that each can say. How they are
-- spelled is grammar/chardev.lua's; anything else is said by -chardev and "chardev:ID".
local kind = require "lunik.qemu.kind"
local backends = require "lunik.qemu.character.backends"

local all, keys = backends.all, backends.keys

local log = {
  { "logfile", kind = kind.output, doc = "file to copy the output to" },
  { "logappend", kind = kind.on_off, default = "off", doc = "keep what is in the log file" },
  { "mux", kind = kind.on_off, doc = "several users, switched by control-a c" },
}

local stream = keys("a TCP connection", backends.inet, backends.socket, log)

local function like(doc)
  return keys(doc, stream)
end

local forms = {
  none = keys "no device",
  null = all.null, msmouse = all.msmouse, wctablet = all.wctablet, braille = all.braille,
  testdev = all.testdev, console = all.console,
  stdio = keys "QEMU's own standard input and output",
  pty = all.pty,
  vc = all.vc,
  file = keys("a file", backends.output "file to write"),
  pipe = all.pipe, serial = all.serial, parallel = all.parallel,
  tcp = stream,
  telnet = like "a TCP connection with the telnet protocol",
  tn3270 = like "a TCP connection with telnet for IBM 3270 terminals",
  websocket = like "a TCP connection with the websocket protocol; server only",
  udp = keys("UDP to and from one peer", backends.udp),
  unix = keys("a unix socket", backends.unix, backends.socket, log),
  chardev = keys("a backend that -chardev defines", {
    { "id", kind = kind.ref "chardev", ref = "chardev", required = true, doc = "its id" },
  }),
}

for _, name in ipairs { "tcp", "telnet", "tn3270", "websocket", "unix" } do
  forms[name].look = "stub"
end
forms.udp.look = "udp"

local function unmuxed(list)
  local out = { doc = list.doc, look = list.look }
  for _, key in ipairs(list) do
    if key[1] ~= "mux" then out[#out + 1] = key end
  end
  return out
end

-- The forms but for those in `without` (a list), and without mux for a user that is alone.
return function(without, alone)
  local by = {}
  for name, each in pairs(forms) do by[name] = alone and unmuxed(each) or each end
  for _, name in ipairs(without or {}) do by[name] = nil end
  return by
end
