-- SPDX-License-Identifier: MIT
-- Options for i386 targets, as qemu-options.hx groups them.
return {
  { "smbios", order = { "type" },
    doc = "SMBIOS structures" },
}
