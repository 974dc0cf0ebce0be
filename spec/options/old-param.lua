-- SPDX-License-Identifier: MIT
return {
  { {}, arch = "aarch64", removed = "10.2", try = { "-machine", "virt", "-nodefaults" } },
}
