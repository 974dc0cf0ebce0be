-- SPDX-License-Identifier: MIT
-- Character device options, as qemu-options.hx groups them.
return {
  require "lunik.qemu.character.chardev",
}
