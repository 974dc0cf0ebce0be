-- SPDX-License-Identifier: MIT
return { { { "a,b.cfg" }, "a,b.cfg", removed = "7.1", try = "gone before 7.2" } }
