-- SPDX-License-Identifier: MIT
return { { {}, removed = "3.1", try = "gone before 7.2" } }
