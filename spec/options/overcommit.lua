-- SPDX-License-Identifier: MIT
return {
  { { mem_lock = false, cpu_pm = true }, "cpu-pm=on,mem-lock=off", try = {} },
  { { mem_lock = "on-fault" },
    "mem-lock=on-fault", since = "10.0", try = { "-machine", "none", needs = "root" } },
}
