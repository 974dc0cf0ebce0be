-- SPDX-License-Identifier: MIT
return {
  { { enable = true, target = "native", userspace = true, chardev = "c0", arg = { "a,b", "-v" } },
    "arg=a,,b,arg=-v,chardev=c0,enable=on,target=native,userspace=on",
    arch = "aarch64", try = { "-machine", "virt", "-nodefaults", "-chardev", "null,id=c0" } },
}
