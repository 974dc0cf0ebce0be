-- SPDX-License-Identifier: MIT
return { { {}, arch = "aarch64", try = "for other targets than x86" } }
