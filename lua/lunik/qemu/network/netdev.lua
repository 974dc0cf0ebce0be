-- SPDX-License-Identifier: MIT
-- -netdev. Every type is parsed as QemuOpts but stream and dgram, whose nested keys go
-- through keyval (net/net.c:netdev_is_modern); in text the two look the same, except that
-- keyval has no bare words. -netdev has no fallback: an unknown key is an error.
local kind = require "lunik.qemu.kind"

return {
  "netdev", grammar = "opts", implied = "type", json = true, nested = true, defines = "netdev",
  order = { "id" }, underscores = { vnet_hdr = true },
  doc = "a network backend, for a device's netdev=",
  source = "qemu-options.hx, qapi/net.json:Netdev",
  keys = { { "id", kind = kind.id, required = true, doc = "its name" } },
  by = require "lunik.qemu.network.backends",
  examples = {
    { "user", id = "n0", hostfwd = { "tcp:127.0.0.1:2222-:22" } },
    { "stream", id = "n0", addr = { type = "unix", path = "/run/passt.sock" } },
  },
}
