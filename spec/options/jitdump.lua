-- SPDX-License-Identifier: MIT
return { { {}, since = "8.0", try = {} } }
