-- SPDX-License-Identifier: MIT
return {
  { { "libexeclog.so", reg = "rip", arg = "ireg=1" },
    "libexeclog.so,arg=ireg=1,reg=rip", try = "needs a plugin" },
}
