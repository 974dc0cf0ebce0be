-- SPDX-License-Identifier: MIT
local kernel = require "support.bzimage"

return {
  { { "@dir/init,rd" },
    "@dir/init,rd",
    try = { "-kernel", "@dir/kernel", kernel, { file = "@dir/init,rd", size = 512 } } },
}
