-- SPDX-License-Identifier: MIT
return {
  { { "@dir/a,b.img" }, "@dir/a,b.img", arch = "aarch64",
    try = { "-machine", "vexpress-a9", { file = "@dir/a,b.img", size = 1048576 } } },
}
