-- SPDX-License-Identifier: MIT
return { { { "booted" }, "booted", try = "needs a snapshot" } }
