-- SPDX-License-Identifier: MIT
return { { { "@dir/log" }, "@dir/log", try = { "-accel", "qtest", "-qtest", "null" } } }
