-- SPDX-License-Identifier: MIT
return {
  { { "256M" }, "256M", try = {} },
  { { 256 }, "256", try = {} },
  { { size = "1G", slots = 3, maxmem = "4G" }, "size=1G,maxmem=4G,slots=3", try = {} },
}
