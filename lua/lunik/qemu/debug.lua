-- SPDX-License-Identifier: MIT
-- Debug and expert options, as qemu-options.hx groups them.
return {
  { "serial", plain = true,
    doc = "a serial port" },
  { "mon", implied = "chardev",
    doc = "a monitor on a character backend" },
  { "S", flag = true, once = true,
    doc = "do not start the CPUs" },
  { "nodefaults", flag = true, once = true,
    doc = "no default devices" },
  { "no-user-config", flag = true, once = true,
    doc = "no configuration of the host" },
  { "sandbox", implied = "enable", once = true,
    doc = "seccomp filter" },
}
