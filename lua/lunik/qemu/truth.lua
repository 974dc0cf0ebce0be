-- SPDX-License-Identifier: MIT
-- The words that QEMU takes for a switch: qapi_bool_parse in qapi/qapi-util.c.
return { on = true, yes = true, ["true"] = true, y = true,
  off = false, no = false, ["false"] = false, n = false }
