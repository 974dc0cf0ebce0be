-- SPDX-License-Identifier: MIT
-- Network options, as qemu-options.hx groups them.
return {
  { "netdev", implied = "type", order = { "id" },
    doc = "a network backend" },
}
