-- SPDX-License-Identifier: MIT
return {
  { { "@dir/init,rd" }, "@dir/init,rd",
    try = { "-machine", "none", "-kernel", "@dir/kernel", { file = "@dir/kernel", size = 4096 } } },
}
