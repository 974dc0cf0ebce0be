-- SPDX-License-Identifier: MIT
return { { { "@dir/pi,d" }, "@dir/pi,d", try = {} } }
