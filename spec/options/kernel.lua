-- SPDX-License-Identifier: MIT
return {
  { { "@dir/kern,el" }, "@dir/kern,el",
    try = { "-machine", "none", { file = "@dir/kern,el", size = 4096 } } },
}
