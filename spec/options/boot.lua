-- SPDX-License-Identifier: MIT
return {
  { { "dc", menu = true }, "dc,menu=on", try = {} },
  { { once = "d", strict = true }, "once=d,strict=on", try = {} },
  { { order = "n", splash = "@dir/a,b.bmp", splash_time = 5000, reboot_timeout = -1, menu = true },
    "order=n,menu=on,reboot-timeout=-1,splash=@dir/a,,b.bmp,splash-time=5000",
    try = { { file = "@dir/a,b.bmp",
      text = "BM" .. ("\0"):rep(26) .. "\24\0" .. ("\0"):rep(99) } } },
  { { menu = true, splash_time = 5000, reboot_timeout = 1000 },
    "menu=on,reboot-timeout=1000,splash-time=5000", try = {} },
}
