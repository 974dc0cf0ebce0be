-- SPDX-License-Identifier: MIT
return { { {}, try = {} } }
