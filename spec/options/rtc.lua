-- SPDX-License-Identifier: MIT
return {
  { { base = "2006-06-17T16:01:21", clock = "vm", driftfix = "slew" },
    "base=2006-06-17T16:01:21,clock=vm,driftfix=slew", try = {} },
  { { base = "localtime", clock = "host" }, "base=localtime,clock=host", try = {} },
  { { base = "2006-06-17", clock = "rt", driftfix = "none" },
    "base=2006-06-17,clock=rt,driftfix=none", try = {} },
}
