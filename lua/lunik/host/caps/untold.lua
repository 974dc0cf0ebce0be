-- SPDX-License-Identifier: MIT
-- What QEMU does not tell of itself, each with where it comes from.
local untold = {}

-- Types that end QEMU when their properties are asked for: virtio-gpu-gl and virtio-vga-gl where
-- the modules of the display are not installed (exit 1), colo-compare and x-remote-object (abort;
-- 7.2 and 10), microvm-machine of 7.2 and x-rv128-riscv-cpu of riscv64 (abort).
untold.fatal = { ["virtio-gpu-gl-pci"] = true, ["virtio-vga-gl"] = true, ["colo-compare"] = true,
  ["x-remote-object"] = true, ["microvm-machine"] = true, ["x-rv128-riscv-cpu"] = true }

return untold
