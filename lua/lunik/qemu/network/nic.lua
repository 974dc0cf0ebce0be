-- SPDX-License-Identifier: MIT
-- -nic: a backend and the board's network card in one. Its keys go through QemuOpts alone,
-- which has no nested keys, so the types stream and dgram cannot be said here.
local kind = require "lunik.qemu.kind"
local backends = require "lunik.qemu.network.backends"

local by = { none = { doc = "no default network card" } }
for name, keys in pairs(backends) do by[name] = keys end
by.stream, by.dgram = nil, nil

-- mac is the card's here, even with passt
by.passt = { since = backends.passt.since, doc = backends.passt.doc }
for _, key in ipairs(backends.passt) do
  if key[1] ~= "mac" then table.insert(by.passt, key) end
end

return {
  "nic", grammar = "opts", implied = "type", order = { "id", "model", "mac" },
  underscores = { vnet_hdr = true }, defines = "netdev",
  doc = "the board's network card and its backend",
  source = "qemu-options.hx, net/net.c:net_param_nic",
  keys = {
    { "id", kind = kind.id, doc = "name of the backend" },
    { "model", kind = kind.word, default = "the board's", doc = "the card's device type" },
    { "mac", kind = kind.mac, doc = "the card's address" },
  },
  by = by,
  examples = { { "user", model = "virtio-net-pci" }, { "none" } },
}
