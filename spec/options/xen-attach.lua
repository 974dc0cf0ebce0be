-- SPDX-License-Identifier: MIT
return { { {}, try = "needs Xen" } }
