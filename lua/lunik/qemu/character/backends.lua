-- SPDX-License-Identifier: MIT
-- Character backends and their keys (qapi/char.json, chardev/*.c). QEMU looks every key up
-- in one list for all backends, so a key of another backend is ignored, not refused: only
-- these tables know which belong together.
local kind = require "lunik.qemu.kind"

local function keys(doc, ...)
  local all = { doc = doc }
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

local function output(doc)
  return { { "path", kind = kind.output, required = true, doc = doc } }
end

local function device()
  return { { "path", kind = kind.device, required = true, doc = "its device" } }
end

local inet = {
  { "host", kind = kind.address, doc = "tcp: name or address; empty is any when listening" },
  { "port", kind = kind.text, doc = "tcp: port, a number or a service's name" },
  { "to", kind = kind.port, doc = "tcp: last port to try when listening" },
  { "ipv4", kind = kind.on_off, doc = "tcp: IPv4" },
  { "ipv6", kind = kind.on_off, doc = "tcp: IPv6" },
  { "nodelay", kind = kind.on_off, default = "off", doc = "tcp: no Nagle algorithm" },
  { "delay", kind = kind.on_off, deprecated = "use nodelay", doc = "tcp: Nagle algorithm" },
}

local unix = {
  { "path", kind = kind.path, doc = "unix: the socket's path" },
  { "abstract", kind = kind.on_off, default = "off", doc = "unix: in the abstract name space" },
  { "tight", kind = kind.on_off, default = "on", doc = "unix: abstract name is not padded" },
}

local socket = {
  { "server", kind = kind.on_off, default = "off", doc = "listen instead of connecting" },
  { "wait", kind = kind.on_off, default = "on",
    doc = "server: start only when somebody has connected" },
  { "reconnect", kind = kind.count, removed = "10.2", deprecated = "from 9.2 on use reconnect-ms",
    doc = "seconds until connecting anew" },
  { "reconnect-ms", kind = kind.count, since = "9.2", default = "0",
    doc = "milliseconds until connecting anew" },
  { "telnet", kind = kind.on_off, default = "off", doc = "the telnet protocol" },
  { "tn3270", kind = kind.on_off, default = "off", doc = "telnet for IBM 3270 terminals" },
  { "websocket", kind = kind.on_off, default = "off", doc = "the websocket protocol; server only" },
  { "tls-creds", kind = kind.ref "object", ref = "object", doc = "encrypt with these credentials" },
  { "tls-authz", kind = kind.ref "object", ref = "object", doc = "who may connect" },
}

local descriptor = {
  { "fd", kind = kind.word, doc = "an open socket, or its name in the monitor" },
}

local udp = {
  { "host", kind = kind.address, default = "localhost", doc = "host to send to" },
  { "port", kind = kind.text, required = true, doc = "port to send to" },
  { "localaddr", kind = kind.address, doc = "own address" },
  { "localport", kind = kind.text, doc = "own port" },
}

local udp_version = {
  { "ipv4", kind = kind.on_off, doc = "IPv4" },
  { "ipv6", kind = kind.on_off, doc = "IPv6" },
}

local screen = {
  { "width", kind = kind.int(1), doc = "width in pixels" },
  { "height", kind = kind.int(1), doc = "height in pixels" },
  { "cols", kind = kind.int(1), doc = "width in characters" },
  { "rows", kind = kind.int(1), doc = "height in characters" },
}

local size = { { "size", kind = kind.size, default = "64K", doc = "bytes kept, a power of two" } }

local pty = { { "path", kind = kind.path, since = "9.2", doc = "a symbolic link to make to it" } }

local function ref(name, more)
  local key = { name, kind = kind.ref "chardev", ref = "chardev", doc = "a backend to share" }
  for field, value in pairs(more or {}) do key[field] = value end
  return key
end

local backends = {
  null = keys "nothing: what is written is lost",
  socket = keys("a TCP or unix socket", unix, inet, descriptor, socket),
  udp = keys("UDP to and from one peer", udp, udp_version),
  msmouse = keys "a serial mouse, moved by QEMU's own",
  wctablet = keys "a Wacom PenPartner tablet, moved by QEMU's own mouse",
  vc = keys("a text console in QEMU's window", screen),
  ringbuf = keys("a buffer in memory, read by the monitor", size),
  memory = keys("old name of ringbuf", size),
  file = keys("a file", output "file to write", {
    { "append", kind = kind.on_off, default = "off", doc = "keep what is in it" },
    { "input-path", kind = kind.file, since = "8.1", doc = "file to read" },
  }),
  pipe = keys("two fifos, or one for both ways", {
    { "path", kind = kind.path, look = "pipe", required = true,
      doc = "PATH.in and PATH.out, or PATH" } }),
  pty = keys("a pseudo terminal", pty),
  stdio = keys("QEMU's own standard input and output", {
    { "signal", kind = kind.on_off, default = "on", doc = "control-c ends QEMU" },
  }),
  serial = keys("a serial port of the host", device()),
  parallel = keys("a parallel port of the host", device()),
  console = keys "Windows: QEMU's console window",
  braille = keys "a braille display by BrlAPI",
  testdev = keys "commands for test programs, as exiting with a status",
  mux = keys("several users of one backend, switched by control-a c", {
    ref("chardev", { required = true }),
  }),
  hub = keys("several backends for one user", {
    ref "chardevs.0", ref "chardevs.1", ref "chardevs.2", ref "chardevs.3",
  }),
  spicevmc = keys("a channel of SPICE", {
    { "name", kind = kind.one_of { "vdagent", "smartcard", "usbredir" }, required = true,
      doc = "its type" },
    { "debug", kind = kind.count, doc = "level of debug messages" },
  }),
  spiceport = keys("a port of SPICE", {
    { "name", kind = kind.text, required = true, doc = "its name, as org.qemu.console.serial.0" },
    { "debug", kind = kind.count, doc = "level of debug messages" },
  }),
  dbus = keys("a character device on D-Bus", {
    { "name", kind = kind.text, required = true, doc = "its name, as org.qemu.console.serial.0" },
  }),
  ["qemu-vdagent"] = keys("the SPICE agent's protocol, spoken by QEMU", {
    { "mouse", kind = kind.on_off, default = "on", doc = "pointer by the agent" },
    { "clipboard", kind = kind.on_off, default = "off", doc = "share the clipboard" },
  }),
  tty = keys("old name of serial", device()),
  parport = keys("old name of parallel", device()),
}

backends.socket.look, backends.udp.look = "backend", "udp"
backends.memory.deprecated = "use ringbuf"
backends.hub.since = "10.0"
for old, new in pairs { tty = "serial", parport = "parallel" } do
  backends[old].removed, backends[old].deprecated = "8.0", "use " .. new
end

return { all = backends, keys = keys, output = output, inet = inet, unix = unix, socket = socket,
  udp = udp, screen = screen, pty = pty }
