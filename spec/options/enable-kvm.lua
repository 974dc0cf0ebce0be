-- SPDX-License-Identifier: MIT
return { { {}, try = "needs a working KVM" } }
