-- SPDX-License-Identifier: MIT
-- -nic: a backend and the board's network card in one. Its keys go through QemuOpts alone,
-- which has no nested keys, so the types stream and dgram cannot be said here.
local kind = require "lunik.qemu.kind"
local backends = require "lunik.qemu.network.backends"

local by = { none = { doc = "no default network card" } }
for name, keys in pairs(backends) do by[name] = keys end
by.stream, by.dgram = nil, nil

local function but_for(name, keys)
  local out = { since = keys.since, doc = keys.doc }
  for _, key in ipairs(keys) do
    if key[1] ~= name then out[#out + 1] = key end
  end
  return out
end

-- mac is the card's here, even with passt; a port that has a netdev cannot have a card too,
-- and QEMU aborts
by.passt = but_for("mac", by.passt)
by.hubport = but_for("netdev", by.hubport)

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
