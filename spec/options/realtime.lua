-- SPDX-License-Identifier: MIT
return { { { mlock = false }, "mlock=off", removed = "6.0", try = "gone before 7.2" } }
