-- SPDX-License-Identifier: MIT
-- `lunik unmount`: takes a mount away from a running guest, in the guest first.
return require "lunik.cli.attached".removal {
  name = "unmount", summary = "take a mount away from a running guest",
  what = { "mount", "its tag, or its place in the guest or on the host" },
  force = "from the programs that use it, too",
}
