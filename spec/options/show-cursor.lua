-- SPDX-License-Identifier: MIT
return { { {}, removed = "6.0", try = "gone before 7.2" } }
