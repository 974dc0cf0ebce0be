-- SPDX-License-Identifier: MIT
return {
  { { "web", process = "qemu-web", debug_threads = true }, "web,debug-threads=on,process=qemu-web",
    try = {} },
  { { guest = "a, b" }, "guest=a,, b", try = {} },
  { { "a,id=x" }, "guest=a,,id=x", try = {} },
}
