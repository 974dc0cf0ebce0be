-- SPDX-License-Identifier: MIT
return { { { "virtio" }, "virtio", removed = "3.1", try = "gone before 7.2" } }
