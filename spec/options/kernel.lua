-- SPDX-License-Identifier: MIT
local kernel = require "support.bzimage"

return {
  { { "@dir/kern,el" }, "@dir/kern,el", try = { { file = "@dir/kern,el", text = kernel.text } } },
}
