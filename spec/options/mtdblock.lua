-- SPDX-License-Identifier: MIT
return {
  { { "@dir/a,b.img" }, "@dir/a,b.img", arch = "aarch64",
    try = { "-machine", "xilinx-zynq-a9", { file = "@dir/a,b.img", size = 16777216 } } },
}
