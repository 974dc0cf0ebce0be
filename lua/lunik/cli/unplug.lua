-- SPDX-License-Identifier: MIT
-- `lunik unplug`: takes a device away from a running machine.
return require "lunik.cli.attached".removal {
  name = "unplug", summary = "take a device away from a running machine",
  example = "lunik unplug dev disk-1",
  more = { "lunik unplug -m dev disk-1 --force --timeout 30s" },
  what = { "device", "its id, as `lunik plug` and `lunik slots` say it" },
  force = "a disk that the guest uses, too; cut off what can be, where it does not let go",
}
