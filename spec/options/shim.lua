-- SPDX-License-Identifier: MIT
return {
  { { "@dir/sh,im" }, "@dir/sh,im", since = "10.0",
    try = { "-machine", "none", "-kernel", "@dir/kernel", { file = "@dir/kernel", size = 4096 } } },
}
