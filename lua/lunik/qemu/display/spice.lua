-- SPDX-License-Identifier: MIT
-- -spice: the screen by the Spice protocol.
local kind = require "lunik.qemu.kind"

local channels = kind.one_of { "default", "main", "display", "cursor", "inputs", "record",
  "playback",
  "smartcard", "usbredir" }
local wan = kind.one_of { "auto", "never", "always" }

local keys = {
  { "port", kind = kind.port, doc = "port in the clear; this one or tls-port must be, or unix" },
  { "tls-port", kind = kind.port, doc = "port by TLS" },
  { "addr", kind = kind.text, path_with = "unix",
    doc = "address to listen on, or the socket's path" },
  { "ipv4", kind = kind.on_off, doc = "IPv4 only" },
  { "ipv6", kind = kind.on_off, doc = "IPv6 only" },
  { "unix", kind = kind.on_off, doc = "a UNIX socket at addr" },
  { "password", kind = kind.text, removed = "8.0", deprecated = "use password-secret",
    doc = "the password", secret = true },
  { "password-secret", kind = kind.ref "object", ref = "object",
    doc = "secret that is the password" },
  { "disable-ticketing", kind = kind.on_off, doc = "no password" },
  { "sasl", kind = kind.on_off, doc = "authenticate by SASL" },
  { "x509-dir", kind = kind.folder, doc = "directory of the TLS files" },
  { "x509-key-file", kind = kind.file, doc = "the server's key" },
  { "x509-key-password", kind = kind.text, doc = "the key's password" },
  { "x509-cert-file", kind = kind.file, doc = "the server's certificate" },
  { "x509-cacert-file", kind = kind.file, doc = "certificate of the authority" },
  { "x509-dh-key-file", kind = kind.file, doc = "Diffie-Hellman parameters" },
  { "tls-ciphers", kind = kind.text, doc = "ciphers that are allowed" },
  { "tls-channel", kind = channels, repeats = true, doc = "a channel by TLS only" },
  { "plaintext-channel", kind = channels, repeats = true, doc = "a channel in the clear only" },
  { "image-compression", kind = kind.one_of { "auto_glz", "auto_lz", "quic", "glz", "lz", "off" },
    default = "auto_glz", doc = "lossless compression" },
  { "jpeg-wan-compression", kind = wan, default = "auto", doc = "lossy compression on slow lines" },
  { "zlib-glz-wan-compression", kind = wan, default = "auto",
    doc = "lossless compression on slow lines" },
  { "streaming-video", kind = kind.one_of { "off", "all", "filter" }, default = "off",
    doc = "what is sent as video" },
  { "disable-copy-paste", kind = kind.on_off, doc = "no common clipboard" },
  { "disable-agent-file-xfer", kind = kind.on_off, doc = "no files by the guest's agent" },
  { "agent-mouse", kind = kind.on_off, default = "on", doc = "mouse by the guest's agent" },
  { "playback-compression", kind = kind.on_off, default = "on", doc = "audio is compressed" },
  { "seamless-migration", kind = kind.on_off, default = "off", doc = "clients follow a migration" },
  { "display", kind = kind.ref "device", ref = "device", doc = "graphics card that is shown" },
  { "head", kind = kind.count, doc = "its output" },
  { "gl", kind = kind.on_off, default = "off", doc = "OpenGL; clients on this host only" },
  { "rendernode", kind = kind.file, doc = "render node for it" },
}

return { "spice", grammar = "opts", look = "spice", merges = true, order = { "port", "tls-port",
  "addr" }, keys = keys,
  doc = "a Spice server", source = "qemu-options.hx, ui/spice-core.c",
  examples = { { port = 5930, addr = "127.0.0.1", disable_ticketing = true },
    { unix = true, addr = "/run/vm/spice.sock", disable_ticketing = true } } }
