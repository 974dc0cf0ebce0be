-- SPDX-License-Identifier: MIT
return { { {}, try = { exits = true } } }
