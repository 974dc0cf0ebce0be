-- SPDX-License-Identifier: MIT
return { { { "64" }, "64", removed = "6.0", try = "gone before 7.2" } }
