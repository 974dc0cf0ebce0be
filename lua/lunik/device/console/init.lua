-- SPDX-License-Identifier: MIT
-- The console: the serial line that lunik shows on the terminal.
return {
  kinds = { "serial", "virtio" },
  once = true,
  doc = "the console that lunik shows on the terminal and keeps a log of",
  example = "console {}",
}
