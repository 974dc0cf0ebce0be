-- SPDX-License-Identifier: MIT
-- Standard options, as qemu-options.hx groups them.
return {
  { "machine", implied = "type", once = true,
    doc = "board and its properties" },
  { "accel", implied = "accel",
    doc = "accelerator" },
  { "cpu", implied = "model", once = true,
    doc = "CPU model and features" },
  { "smp", implied = "cpus", once = true,
    doc = "number and topology of CPUs" },
  { "m", implied = "size", once = true,
    doc = "initial memory" },
  { "name", implied = "guest", once = true,
    doc = "name of the guest" },
  { "uuid", plain = true, once = true,
    doc = "UUID of the guest" },
  { "device", implied = "driver", order = { "id", "bus", "addr" },
    doc = "a device" },
}
