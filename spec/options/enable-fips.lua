-- SPDX-License-Identifier: MIT
return { { {}, removed = "7.1", try = "gone before 7.2" } }
