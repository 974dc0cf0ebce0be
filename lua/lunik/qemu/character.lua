-- SPDX-License-Identifier: MIT
-- Character device options, as qemu-options.hx groups them.
return {
  { "chardev", implied = "backend", order = { "id" },
    doc = "a character backend" },
}
