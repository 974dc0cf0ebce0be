-- SPDX-License-Identifier: MIT
return { { {}, removed = "2.12", try = "gone before 7.2" } }
