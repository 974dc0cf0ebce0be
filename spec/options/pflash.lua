-- SPDX-License-Identifier: MIT
return { { { "@dir/fl,ash" }, "@dir/fl,ash", try = { { file = "@dir/fl,ash", size = 1048576 } } } }
