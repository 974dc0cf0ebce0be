-- SPDX-License-Identifier: MIT
-- -blockdev: a block node. What is said of a node inside another (file.driver=…) is
-- -blockdev's too, and open.
local kind = require "lunik.qemu.kind"

local by = {}

for _, part in ipairs { "formats", "protocols" } do
  for driver, keys in pairs(require("lunik.qemu.block." .. part)) do by[driver] = keys end
end

return { "blockdev", grammar = "keyval", implied = "driver", json = true,
  order = { "driver", "node-name" }, by = by, open_first = true, open = "block",
  defines = "node", id = "node-name", deep = { filename = kind.image_file, dir = kind.folder },
  keys = {
    { "node-name", kind = kind.id,
      doc = "name of the node; required, as nothing could use it otherwise" },
    { "read-only", kind = kind.on_off, default = "off", doc = "no writes" },
    { "auto-read-only", kind = kind.on_off, default = "off",
      doc = "read-only where writing is not allowed" },
    { "force-share", kind = kind.on_off, default = "off",
      doc = "no locks on the image; read-only nodes" },
    { "active", kind = kind.on_off, since = "10.0", default = "on",
      doc = "off: for an incoming migration" },
    { "cache.direct", kind = kind.on_off, default = "off", doc = "around the host's page cache" },
    { "cache.no-flush", kind = kind.on_off, default = "off", doc = "flushes are ignored" },
    { "discard", kind = kind.one_of { "ignore", "unmap" }, default = "ignore",
      doc = "what becomes of TRIM" },
    { "detect-zeroes", kind = kind.on_off_or { "unmap" }, default = "off",
      doc = "zeroes are not written out" },
  },
  doc = "a block node", source = "qemu-options.hx, qapi/block-core.json",
  examples = { { "file", node_name = "disk0", filename = "disk.img" },
    { "qcow2", node_name = "disk", file = "disk0", cache_size = 16777216 } } }
