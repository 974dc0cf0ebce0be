-- SPDX-License-Identifier: MIT
-- What a guest does not use, for the host. QEMU takes one balloon.
return { kinds = { "virtio" }, once = true,
  doc = "memory that the guest has freed goes back to the host",
  example = "balloon {}" }
