-- SPDX-License-Identifier: MIT
return { { { "0x14" }, "0x14", try = {} }, { { 20 }, "20", try = {} } }
