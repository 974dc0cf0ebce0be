-- SPDX-License-Identifier: MIT
-- Network options, as qemu-options.hx groups them.
return {
  require "lunik.qemu.network.netdev",
  require "lunik.qemu.network.nic",
  require "lunik.qemu.network.net",
}
