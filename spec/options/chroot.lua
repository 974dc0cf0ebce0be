-- SPDX-License-Identifier: MIT
return { { { "/var/a,b" }, "/var/a,b", removed = "9.0", try = "needs to be root" } }
