-- SPDX-License-Identifier: MIT
return {
  { { async_teardown = true }, "async-teardown=on", since = "8.1", try = {} },
  { { chroot = "/var/empty" }, "chroot=/var/empty", since = "8.1", try = "needs to be root" },
  { { user = "65534:65534" }, "user=65534:65534", since = "9.1", try = "needs to be root" },
  { { exit_with_parent = true }, "exit-with-parent=on", since = "10.2", try = {} },
}
