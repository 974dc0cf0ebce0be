-- SPDX-License-Identifier: MIT
local kernel = require "support.bzimage"

return {
  { { "root=/dev/vda a,b \"c\"" },
    "root=/dev/vda a,b \"c\"", try = { "-kernel", "@dir/kernel", kernel } },
}
