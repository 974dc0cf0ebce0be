-- SPDX-License-Identifier: MIT
-- -vnc: the screen by the VNC protocol. -display vnc=… takes the same keys.
local kind = require "lunik.qemu.kind"

local keys = {
  { "vnc", kind = kind.behind "unix:", look = "display", repeats = true,
    doc = "HOST:DISPLAY (port 5900 and up), unix:PATH, or none" },
  { "id", kind = kind.id, default = "default", doc = "id of the server" },
  { "to", kind = kind.count, doc = "displays up to this one are tried" },
  { "ipv4", kind = kind.on_off, doc = "listen on IPv4" },
  { "ipv6", kind = kind.on_off, doc = "listen on IPv6" },
  { "reverse", kind = kind.on_off, doc = "connect to a viewer that listens; DISPLAY is its port" },
  { "websocket", kind = kind.behind "unix:", repeats = true,
    doc = "on (port 5700 and up), PORT, HOST:PORT, and, seen in 10.0, unix:PATH" },
  { "password", kind = kind.on_off, doc = "a password is asked, which the monitor sets" },
  { "password-secret", kind = kind.ref "object", ref = "object",
    doc = "secret that is the password" },
  { "tls-creds", kind = kind.ref "object", ref = "object", doc = "TLS credentials" },
  { "tls-authz", kind = kind.ref "object", ref = "object",
    doc = "who may come in, by certificate" },
  { "sasl", kind = kind.on_off, doc = "authenticate by SASL" },
  { "sasl-authz", kind = kind.ref "object", ref = "object", doc = "who may come in, by SASL user" },
  { "share", kind = kind.one_of { "allow-exclusive", "force-shared", "ignore" },
    default = "allow-exclusive", doc = "whether viewers may shut others out" },
  { "connections", kind = kind.count, default = "32", doc = "viewers at a time" },
  { "display", kind = kind.ref "device", ref = "device", doc = "graphics card that is shown" },
  { "head", kind = kind.count, doc = "its output" },
  { "lock-key-sync", kind = kind.on_off, default = "on", doc = "lock keys follow the viewer's" },
  { "key-delay-ms", kind = kind.count, default = "10", doc = "milliseconds between keys" },
  { "lossy", kind = kind.on_off, doc = "lossy compression is allowed" },
  { "non-adaptive", kind = kind.on_off, doc = "no change of encoding where much moves" },
  { "audiodev", kind = kind.ref "audiodev", ref = "audiodev",
    doc = "audio backend that viewers hear" },
  { "power-control", kind = kind.on_off, doc = "viewers may power down, reboot and reset" },
}

return { "vnc", grammar = "opts", implied = "vnc", order = { "vnc", "id" }, keys = keys,
  doc = "a VNC server", source = "qemu-options.hx, ui/vnc.c",
  examples = { { "127.0.0.1:1", password = true }, { "unix:/run/vm/vnc.sock" } } }
