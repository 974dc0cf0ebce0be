-- SPDX-License-Identifier: MIT
return {
  { { "c0", id = "m0", mode = "control", pretty = true },
    "c0,id=m0,mode=control,pretty=on", try = { "-chardev", "null,id=c0" } },
  { { "c0", mode = "readline" }, "c0,mode=readline", try = { "-chardev", "null,id=c0" } },
}
