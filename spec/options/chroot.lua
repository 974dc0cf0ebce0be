-- SPDX-License-Identifier: MIT
return { { { "@dir" }, "@dir", removed = "9.0", try = { needs = "root" } } }
