-- SPDX-License-Identifier: MIT
return { { {}, removed = "9.2", try = {} } }
