-- SPDX-License-Identifier: MIT
return { { { "/srv/a,b" }, "/srv/a,b", removed = "3.1", try = "gone before 7.2" } }
