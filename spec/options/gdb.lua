-- SPDX-License-Identifier: MIT
-- With tcp:, QEMU adds nodelay=on, which excludes delay.
local cases = require "support.short_forms" { "delay" }
cases[#cases + 1] = { { "telnet", host = "127.0.0.1", port = 0, server = true, wait = false,
    delay = false, tn3270 = false },
  "telnet:127.0.0.1:0,delay=off,server=on,tn3270=off,wait=off", try = {} }
return cases
