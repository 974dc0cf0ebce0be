-- SPDX-License-Identifier: MIT
-- How lunik and its user log in to the guest.
return { kinds = { "forward" }, once = true, doc = "how to log in to the guest",
  example = 'ssh { user = "root", key = "~/.ssh/id_ed25519" }' }
