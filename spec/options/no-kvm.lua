-- SPDX-License-Identifier: MIT
return { { {}, removed = "5.2", try = "gone before 7.2" } }
