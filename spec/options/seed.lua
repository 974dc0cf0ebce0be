-- SPDX-License-Identifier: MIT
return { { { 42 }, "42", try = {} }, { { "0xffffffffffffffff" }, "0xffffffffffffffff", try = {} } }
