-- SPDX-License-Identifier: MIT
return { { { "nobody" }, "nobody", removed = "10.0", try = { needs = "root" } } }
