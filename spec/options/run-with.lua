-- SPDX-License-Identifier: MIT
return {
  { { async_teardown = true }, "async-teardown=on", since = "8.1", try = {} },
  { { chroot = "@dir" }, "chroot=@dir", since = "8.1", try = { needs = "root" } },
  { { user = "65534:65534" }, "user=65534:65534", since = "9.1", try = { needs = "root" } },
  { { exit_with_parent = true }, "exit-with-parent=on", since = "10.2", try = {} },
}
