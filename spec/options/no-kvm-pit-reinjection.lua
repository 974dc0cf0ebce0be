-- SPDX-License-Identifier: MIT
return { { {}, removed = "3.0", try = "gone before 7.2" } }
