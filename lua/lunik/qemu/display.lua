-- SPDX-License-Identifier: MIT
-- Display options, as qemu-options.hx groups them.
return {
  { "display", implied = "type", once = true,
    doc = "where the screen is shown" },
}
