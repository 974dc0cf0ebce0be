-- SPDX-License-Identifier: MIT
local absent = "a board of another target has it"

return {
  { { "std" }, "std", try = {} }, { { "cirrus" }, "cirrus", try = {} }, { { "vmware" }, "vmware",
    try = {} },
  { { "qxl" }, "qxl", try = {} }, { { "virtio" }, "virtio", try = {} }, { { "none" }, "none",
    try = {} },
  { { "xenfb" }, "xenfb", try = "needs Xen" }, { { "tcx" }, "tcx",
    try = absent }, { { "cg3" }, "cg3", try = absent },
}
