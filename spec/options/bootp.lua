-- SPDX-License-Identifier: MIT
return { { { "/pxe,linux.0" }, "/pxe,linux.0", removed = "3.1", try = "gone before 7.2" } }
