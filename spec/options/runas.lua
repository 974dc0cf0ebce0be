-- SPDX-License-Identifier: MIT
return {
  { { "65534:65534" }, "65534:65534", removed = "10.0", try = { needs = "root" } },
}
