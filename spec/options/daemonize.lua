-- SPDX-License-Identifier: MIT
return { { {}, try = "leaves for the background" } }
