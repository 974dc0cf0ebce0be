-- SPDX-License-Identifier: MIT
return { { { "@dir/log" }, "@dir/log", try = { "-qtest", "null" } } }
