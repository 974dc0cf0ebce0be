-- SPDX-License-Identifier: MIT
return { { { "auto-boot?=a,b" }, "auto-boot?=a,b", arch = "ppc", try = {} } }
