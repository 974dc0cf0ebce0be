-- SPDX-License-Identifier: MIT
return {
  { { "std" }, "std", try = {} },
  { { "cirrus" }, "cirrus", try = {} },
  { { "vmware" }, "vmware", try = {} },
  { { "qxl" }, "qxl", try = {} },
  { { "virtio" }, "virtio", try = {} },
  { { "none" }, "none", try = {} },
  { { "xenfb" }, "xenfb", try = "needs Xen" },
  { { "tcx" }, "tcx", arch = "sparc", try = {} },
  { { "cg3" }, "cg3", arch = "sparc", try = {} },
}
