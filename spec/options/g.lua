-- SPDX-License-Identifier: MIT
return {
  { { "1152x870x8" }, "1152x870x8", arch = "m68k", try = { "-machine", "none" } },
  { { "800x600" }, "800x600", arch = "m68k", try = { "-machine", "none" } },
}
