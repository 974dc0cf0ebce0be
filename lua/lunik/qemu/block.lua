-- SPDX-License-Identifier: MIT
-- Block device options, as qemu-options.hx groups them.
return {
  { "blockdev", implied = "driver", order = { "driver", "node-name" },
    doc = "a block node" },
  { "fsdev", implied = "fsdriver", order = { "id", "path" }, underscores = { security_model = true },
    doc = "a directory for 9p" },
}
