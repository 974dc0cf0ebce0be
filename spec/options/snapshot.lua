-- SPDX-License-Identifier: MIT
return { { {}, try = { "-drive",
  "file=@dir/d.img,format=raw", { file = "@dir/d.img", size = 1048576 } } } }
