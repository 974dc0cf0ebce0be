-- SPDX-License-Identifier: MIT
return {
  { { fd = 3, set = 2, opaque = "rdonly:/a,b" }, "fd=3,set=2,opaque=rdonly:/a,,b",
    try = { { file = "@dir/disk.img", size = 1048576, fd = 3 } } },
}
