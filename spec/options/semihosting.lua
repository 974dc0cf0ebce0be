-- SPDX-License-Identifier: MIT
return { { {}, arch = "aarch64", try = { "-machine", "virt", "-nodefaults" } } }
