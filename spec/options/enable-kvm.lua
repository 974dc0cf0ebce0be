-- SPDX-License-Identifier: MIT
return { { {}, try = { needs = "/dev/kvm" } } }
