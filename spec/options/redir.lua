-- SPDX-License-Identifier: MIT
return { { { "tcp:5555::23" }, "tcp:5555::23", removed = "3.1", try = "gone before 7.2" } }
