-- SPDX-License-Identifier: MIT
return { { {}, removed = "7.0", try = "gone before 7.2" } }
