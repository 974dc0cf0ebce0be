-- SPDX-License-Identifier: MIT
return { { { "@dir/c,fg" }, "@dir/c,fg", try = { { file = "@dir/c,fg", size = 0 } } } }
