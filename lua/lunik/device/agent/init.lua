-- SPDX-License-Identifier: MIT
-- The guest agent's channel.
return { kinds = { "qemu" }, once = true, doc = "the channel of QEMU's guest agent",
  example = "agent {}" }
