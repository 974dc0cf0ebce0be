-- SPDX-License-Identifier: MIT
return { { { "fr" }, "fr", try = { "-vnc", "none" } } }
