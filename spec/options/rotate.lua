-- SPDX-License-Identifier: MIT
return { { { "90" }, "90", removed = "9.2", try = {} } }
