-- SPDX-License-Identifier: MIT
-- -net: the old way, everything on hub 0 (net/net.c:net_client_init1). It takes the
-- netdevs that can be on a hub, "nic" for a card and "none".
local kind = require "lunik.qemu.kind"
local backends = require "lunik.qemu.network.backends"

local by = {
  none = { doc = "no default network card" },
  nic = { doc = "a network card",
    { "netdev", kind = kind.ref "netdev", ref = "netdev", default = "hub 0",
      doc = "backend of the card" },
    { "macaddr", kind = kind.mac, doc = "the card's address" },
    { "model", kind = kind.word, default = "the board's", doc = "the card's device type" },
    { "addr", kind = kind.text, doc = "PCI address of the card" },
    { "vectors", kind = kind.count, doc = "MSI-X vectors, 0 for none" },
  },
}
for _, name in ipairs { "user", "passt", "tap", "bridge", "l2tpv3", "socket", "vde", "netmap",
    "af-xdp", "vmnet-host", "vmnet-shared", "vmnet-bridged" } do
  by[name] = backends[name]
end

return {
  "net", grammar = "opts", implied = "type", order = { "id" }, underscores = { vnet_hdr = true },
  doc = "a network card or backend on hub 0 (-nic and -netdev say it better)",
  source = "qemu-options.hx, net/net.c",
  keys = { { "id", kind = kind.id, doc = "its name" } },
  by = by,
  examples = { { "none" }, { "nic", model = "e1000", macaddr = "52:54:00:12:34:56" } },
}
