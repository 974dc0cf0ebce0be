-- SPDX-License-Identifier: MIT
return { { { "guest_errors,unimp" }, "guest_errors,unimp", try = {} } }
