-- SPDX-License-Identifier: MIT
return {
  { { "dc", menu = true }, "dc,menu=on", try = {} },
  { { once = "d", strict = true }, "once=d,strict=on", try = {} },
  { { order = "n", splash = "@dir/a,b.bmp", splash_time = 5000, reboot_timeout = -1, menu = true },
    "order=n,menu=on,reboot-timeout=-1,splash=@dir/a,,b.bmp,splash-time=5000",
    try = "needs a picture" },
  { { menu = true, splash_time = 5000, reboot_timeout = 1000 },
    "menu=on,reboot-timeout=1000,splash-time=5000", try = {} },
}
