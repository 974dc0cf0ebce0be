-- SPDX-License-Identifier: MIT
return { { { "poweroff" }, "poweroff", try = {} } }
