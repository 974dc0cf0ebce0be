-- SPDX-License-Identifier: MIT
-- The least that QEMU takes for a Linux kernel on x86: boot protocol 2.0
-- (Documentation/arch/x86/boot.rst), which does nothing.
return { file = "@dir/kernel", text = ("\0"):rep(0x202) .. "HdrS\0\2" .. ("\0"):rep(4096) }
