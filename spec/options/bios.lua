-- SPDX-License-Identifier: MIT
return { { { "@dir/b,ios" }, "@dir/b,ios", try = { { file = "@dir/b,ios", size = 65536 } } } }
