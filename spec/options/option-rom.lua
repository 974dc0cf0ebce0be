-- SPDX-License-Identifier: MIT
return {
  { { "@dir/r,om", bootindex = 3 },
    "romfile=@dir/r,,om,bootindex=3", try = { { file = "@dir/r,om", size = 512 } } },
}
