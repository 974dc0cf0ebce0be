-- SPDX-License-Identifier: MIT
-- Generic object creation, as qemu-options.hx groups them.
return {
  { "object", implied = "qom-type", order = { "id" },
    doc = "an object" },
}
