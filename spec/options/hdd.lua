-- SPDX-License-Identifier: MIT
return {
  { { "@dir/a,b.img" }, "@dir/a,b.img", try = { { file = "@dir/a,b.img", size = 1474560 } } },
}
