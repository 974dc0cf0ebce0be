-- SPDX-License-Identifier: MIT
return {
  { { "root=/dev/vda a,b \"c\"" }, "root=/dev/vda a,b \"c\"",
    try = { "-machine", "none", "-kernel", "@dir/kernel", { file = "@dir/kernel", size = 4096 } } },
}
