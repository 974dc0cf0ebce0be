-- SPDX-License-Identifier: MIT
-- CPUs beside those that the machine begins with.
return { kinds = { "next" }, doc = "one more CPU, while the machine runs",
  example = 'vm:plug("cpu", {})' }
