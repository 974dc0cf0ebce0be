-- SPDX-License-Identifier: MIT
return { { { "i6300esb" }, "i6300esb", removed = "7.2", try = "gone before 7.2" } }
