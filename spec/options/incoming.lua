-- SPDX-License-Identifier: MIT
return {
  { { "defer" }, "defer", try = {} },
  { { "unix:@dir/a,b" }, "unix:@dir/a,b", try = {} },
  { { "tcp:127.0.0.1:0" }, "tcp:127.0.0.1:0", try = {} },
  { { "exec:cat /dev/zero" },
    "exec:cat /dev/zero", try = "is refused once it has read what is no migration" },
  { { "fd:5" }, "fd:5", try = { { socket = true, fd = 5 } } },
  { { "file:@dir/state" }, "file:@dir/state", since = "8.2", try = "needs a saved state" },
  { { "main,addr.transport=socket,addr.type=unix,addr.path=@dir/s" },
    "main,addr.transport=socket,addr.type=unix,addr.path=@dir/s", since = "10.0", try = {} },
}
