-- SPDX-License-Identifier: MIT
return { { {}, try = { "-serial", "null" } } }
