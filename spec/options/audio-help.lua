-- SPDX-License-Identifier: MIT
return { { {}, removed = "8.2", try = { exits = true } } }
