-- SPDX-License-Identifier: MIT
return { { { "@dir/a,b.dtb" }, "@dir/a,b.dtb", try = { "-machine", "none" } } }
