-- SPDX-License-Identifier: MIT
return { { { "hda" }, "hda", removed = "7.1", try = "gone before 7.2" } }
