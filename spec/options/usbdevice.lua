-- SPDX-License-Identifier: MIT
return {
  { { "tablet" }, "tablet", try = {} },
  { { "keyboard" }, "keyboard", try = {} },
  { { "mouse" }, "mouse", try = {} },
  { { "wacom-tablet" }, "wacom-tablet", try = {} },
  { { "braille" }, "braille", try = "needs BrlTTY" },
}
