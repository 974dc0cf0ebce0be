-- SPDX-License-Identifier: MIT
return { { {}, removed = "9.0", try = {} } }
