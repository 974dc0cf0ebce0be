-- SPDX-License-Identifier: MIT
return {
  { { "2006-06-17T16:01:21" }, "2006-06-17T16:01:21", removed = "3.1", try = "gone before 7.2" },
}
