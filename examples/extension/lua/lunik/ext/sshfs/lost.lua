-- SPDX-License-Identifier: MIT
-- The event that vm:announce tells of: hooks, lunik events and vm:on hear it.
return {
  doc = "a directory that was mounted over sshfs is no longer there",
  carries = { { name = "to", type = "string", doc = "where it was in the guest" } },
}
