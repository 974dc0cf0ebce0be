-- SPDX-License-Identifier: MIT
return { { { "1" }, "1", try = "needs Xen" } }
