-- SPDX-License-Identifier: MIT
local kernel = require "support.bzimage"

return {
  { { "@dir/sh,im" },
    "@dir/sh,im",
    since = "10.0",
    try = { "-kernel", "@dir/kernel", kernel, { file = "@dir/sh,im", size = 512 } } },
}
